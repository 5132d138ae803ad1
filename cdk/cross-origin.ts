import { Duration } from 'aws-cdk-lib';
import { CorsHttpMethod, type CorsPreflightOptions } from 'aws-cdk-lib/aws-apigatewayv2';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** What pages of these exact origins may ask of the API. They bring a token or a signature, and no cookies. */
export function corsPreflight(origins: readonly string[]): CorsPreflightOptions {
  return {
    allowOrigins: [...origins],
    allowMethods: METHODS.map((method) => CorsHttpMethod[method]),
    // The last three are of requests that are signed.
    allowHeaders: [
      'authorization',
      'content-type',
      'x-amz-date',
      'x-amz-security-token',
      'x-amz-content-sha256',
    ],
    allowCredentials: false,
    maxAge: Duration.hours(1),
  };
}

/**
 * The routes that stand for one of any method where pages of other origins ask. API Gateway answers the OPTIONS that a
 * browser sends before, without authorisation, only if no route takes it, and one of any method would.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export function withoutOptions(route: string): string[] {
  const [method, path] = route.split(' ');
  return method === 'ANY' ? METHODS.map((each) => `${each} ${path}`) : [route];
}
