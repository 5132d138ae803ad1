import { Annotations, Stack, type IAspect } from 'aws-cdk-lib';
import { CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IConstruct } from 'constructs';

/** Refuses every open route of an HTTP API, unless the settings name it. */
export class ClosedRoutes implements IAspect {
  readonly #open: ReadonlySet<string>;

  /** @param open route keys: `GET /openapi.json`, or `ANY /openapi.json` for each of its methods */
  constructor(open: readonly string[]) {
    this.#open = new Set(open);
  }

  visit(node: IConstruct): void {
    if (!(node instanceof CfnRoute)) return;
    const stack = Stack.of(node);
    const authorization: unknown = stack.resolve(node.authorizationType);
    if (authorization !== undefined && authorization !== 'NONE') return;
    const route = String(stack.resolve(node.routeKey));
    if (this.#open.has(route) || this.#open.has(route.replace(/^\w+/, 'ANY'))) return;
    Annotations.of(node).addError(
      `the route ${route} is open to everybody: give it an authorizer, or name it in the setting openRoutes`,
    );
  }
}
