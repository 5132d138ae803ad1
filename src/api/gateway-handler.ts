import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { encodedPath } from './encoded-path.ts';
import { guardOperations } from './operations-guard.ts';

/** The application as a Lambda function behind an HTTP API of API Gateway. */
export function createGatewayHandler(app: Parameters<typeof guardOperations>[0]) {
  const answer = handle(guardOperations(app));
  return (event: LambdaEvent, context?: LambdaContext) =>
    answer('rawPath' in event ? { ...event, rawPath: encodedPath(event.rawPath) } : event, context);
}
