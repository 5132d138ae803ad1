import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  HttpApi,
  type HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
  type HttpRoute,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { OPERATIONS_PATH } from '../src/core/routes.ts';
import { checkProperties, OPERATIONS_SCOPE } from './checked-properties.ts';
import { corsPreflight, withoutOptions } from './cross-origin.ts';
import { createApiFunction } from './api-function.ts';
import { createRedriveRunner } from './redrive-runner.ts';
import type { ConversionPipeline } from './conversion-pipeline.ts';
import { addOutput } from './outputs.ts';

/** Who may call the API. Operations also need the scope. */
export type Authorization =
  | { readonly kind: 'iam' }
  | {
      readonly kind: 'jwt';
      readonly issuer: string;
      readonly audience: readonly string[];
      /** The scope that operations need. @default millrace/operations */
      readonly operationsScope?: string;
    };

export interface UploadApiProps {
  readonly pipeline: ConversionPipeline;
  /** @default IAM */
  readonly authorization?: Authorization;
  /** Routes that anyone may call, by name: `GET /openapi.json`. @default none */
  readonly openRoutes?: readonly string[];
  /** Exact origins of web pages that call the API. @default none */
  readonly browserOrigins?: readonly string[];
  /** Days for which logs are kept, from CloudWatch Logs' list. @default 30 */
  readonly logDays?: number;
}

/** The HTTP API of a pipeline: uploads, status and, under separate routes, operations. */
export class UploadApi extends Construct {
  readonly url: string;
  readonly api: HttpApi;
  readonly function: LambdaFunction;
  /**
   * The routes for all authorized callers. Do not use their `grantInvoke`: CDK turns `{proxy+}` into `*`, which also
   * matches the operations. Grant single paths, as docs/deploy.md says.
   */
  readonly routes: readonly HttpRoute[];
  /** The operations' routes, for `grantInvoke`. */
  readonly operationsRoutes: readonly HttpRoute[];

  constructor(scope: Construct, id: string, props: UploadApiProps) {
    super(scope, id);
    checkProperties(props);
    const { authorization = { kind: 'iam' }, openRoutes = [], browserOrigins = [], logDays = 30 } = props;
    const runner = createRedriveRunner(this, props.pipeline, logDays);
    this.function = createApiFunction(this, { ...props, runner, logDays });
    const authorizer =
      authorization.kind === 'iam'
        ? new HttpIamAuthorizer()
        : new HttpJwtAuthorizer('Issuer', authorization.issuer, {
            jwtAudience: [...authorization.audience],
          });
    this.api = new HttpApi(this, 'HttpApi', {
      description: 'Millrace: uploads, their status, and operations',
      createDefaultStage: false,
      ...(browserOrigins.length === 0 ? {} : { corsPreflight: corsPreflight(browserOrigins) }),
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      detailedMetricsEnabled: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(
          new LogGroup(this, 'AccessLogs', {
            retention: logDays as RetentionDays,
            removalPolicy: RemovalPolicy.DESTROY,
          }),
        ),
      },
    });
    this.url = stage.url.replace(/\/$/, '');
    addOutput(props.pipeline, this, 'apiUrl', this.url);

    const integration = new HttpLambdaIntegration('Function', this.function);
    const add = (route: string, by: IHttpRouteAuthorizer, scopes: string[] = []) => {
      const [method = '', path = ''] = route.split(' ');
      return this.api.addRoutes({
        path,
        methods: [method as HttpMethod],
        integration,
        authorizer: by,
        authorizationScopes: scopes,
      });
    };
    const named = (routes: readonly string[]) =>
      browserOrigins.length === 0 ? routes : routes.flatMap(withoutOptions);
    const open = new Set(named(openRoutes));
    const closed = named(['ANY /', 'ANY /{proxy+}']).filter((route) => !open.has(route));
    this.routes = closed.flatMap((route) => add(route, authorizer));
    const scopes = authorization.kind === 'jwt' ? [authorization.operationsScope ?? OPERATIONS_SCOPE] : [];
    const operations = named([`ANY ${OPERATIONS_PATH}`, `ANY ${OPERATIONS_PATH}/{proxy+}`]);
    this.operationsRoutes = operations.flatMap((route) => add(route, authorizer, scopes));
    for (const route of [...open].flatMap((name) => add(name, new HttpNoneAuthorizer()))) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'Open by the setting openRoutes',
      });
    }
  }
}
