import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import type { Bucket, CorsRule } from '../bucket.ts';
import type { Answer } from '../operation.ts';
import { isCrossOrigin } from '../../cross-origin.ts';
import { header, type S3Request } from './request.ts';

/** Answers a preflight. @throws AwsError AccessForbidden if no CORS rule of the bucket allows the request */
export function preflight(request: S3Request, bucket: Bucket): Answer {
  const origin = header(request, 'origin');
  const method = header(request, 'access-control-request-method');
  if (origin === undefined || method === undefined) {
    throw new AwsError('BadRequest', 400, 'Insufficient information. Origin request header needed.');
  }
  const asked = (header(request, 'access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  const rule = findRule(bucket, origin, method, asked);
  if (rule === undefined) {
    throw new AwsError(
      'AccessForbidden',
      403,
      "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
    );
  }
  return {
    status: 200,
    headers: {
      ...allow(rule, origin),
      ...(asked.length === 0 ? {} : { 'access-control-allow-headers': asked.join(', ') }),
      ...defined({ 'access-control-max-age': rule.maxAgeSeconds?.toString() }),
    },
  };
}

/**
 * Refuses a request from a page of another origin unless a CORS rule of the bucket allows it.
 * @throws AwsError AccessForbidden
 */
export function refuseCrossOrigin(request: S3Request, bucket: Bucket | undefined): void {
  if (!isCrossOrigin(request.incoming)) return;
  const origin = header(request, 'origin');
  const { method } = request;
  const isAllowed =
    origin !== undefined && bucket !== undefined && findRule(bucket, origin, method, []) !== undefined;
  if (isAllowed) return;
  throw new AwsError(
    'AccessForbidden',
    403,
    `This local S3 accepts ${method} requests from pages of ${origin ?? 'another site'} only if the bucket's CORS rules allow them.`,
  );
}

/** Returns the headers that let a page read the response, if a CORS rule of the bucket allows it. */
export function corsHeaders(request: S3Request, bucket: Bucket | undefined): Record<string, string> {
  const origin = header(request, 'origin');
  if (origin === undefined || bucket === undefined) return {};
  const rule = findRule(bucket, origin, request.method, []);
  if (rule === undefined) return {};
  return {
    ...allow(rule, origin),
    ...(rule.exposeHeaders.length === 0
      ? {}
      : { 'access-control-expose-headers': rule.exposeHeaders.join(', ') }),
  };
}

function findRule(
  { settings }: Bucket,
  origin: string,
  method: string,
  headers: string[],
): CorsRule | undefined {
  return settings.cors.find(
    ({ allowedOrigins, allowedMethods, allowedHeaders }) =>
      allowedOrigins.some((pattern) => fits(pattern, origin)) &&
      allowedMethods.includes(method) &&
      headers.every((name) => allowedHeaders.some((pattern) => fits(pattern.toLowerCase(), name))),
  );
}

function allow({ allowedOrigins, allowedMethods }: CorsRule, origin: string): Record<string, string> {
  const anyOrigin = allowedOrigins.includes('*');
  return {
    'access-control-allow-origin': anyOrigin ? '*' : origin,
    'access-control-allow-methods': allowedMethods.join(', '),
    ...(anyOrigin ? {} : { 'access-control-allow-credentials': 'true' }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

/** A pattern has at most one `*`. */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*');
  if (star === -1) return pattern === text;
  return (
    text.length >= pattern.length - 1 &&
    text.startsWith(pattern.slice(0, star)) &&
    text.endsWith(pattern.slice(star + 1))
  );
}
