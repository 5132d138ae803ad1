import { Duration } from 'aws-cdk-lib';
import { CorsHttpMethod, type CorsPreflightOptions } from 'aws-cdk-lib/aws-apigatewayv2';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * Returns which requests pages of these exact origins may send to the API: with a token or a signature, and no
 * cookies.
 */
export function corsPreflight(origins: readonly string[]): CorsPreflightOptions {
  return {
    allowOrigins: [...origins],
    allowMethods: METHODS.map((method) => CorsHttpMethod[method]),
    // The last three are for signed requests.
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
 * Returns the routes that replace a route for any method if pages of other origins call it. API Gateway answers a
 * browser's preflight OPTIONS without authorization only if no route matches it, and a route for any method would.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export function withoutOptions(route: string): string[] {
  const [method, path] = route.split(' ');
  return method === 'ANY' ? METHODS.map((each) => `${each} ${path}`) : [route];
}
