import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { encodedPath } from './encoded-path.ts';
import { requireOperationsRoute } from './operations-route.ts';

/** The application as a Lambda function behind an HTTP API of API Gateway. */
export function createGatewayHandler(app: Parameters<typeof requireOperationsRoute>[0]) {
  const answer = handle(requireOperationsRoute(app));
  return (event: LambdaEvent, context?: LambdaContext) =>
    answer('rawPath' in event ? { ...event, rawPath: encodedPath(event.rawPath) } : event, context);
}
