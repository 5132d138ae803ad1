import { createHash } from 'node:crypto';
import { AwsError } from '../../aws-error.ts';
import { checkSignature, parseScope, type SecretsOf } from '../credentials.ts';
import { decode, header, split, type S3Request } from './request.ts';

const LONGEST_EXPIRY_SECONDS = 604_800;
/** Clients' clocks may be slightly ahead. */
const SKEW_MILLISECONDS = 15 * 60 * 1000;

/**
 * Accepts signed requests: by header with any credentials, or by a URL that has not expired and whose signature is
 * right if the secret is known. Refuses anonymous requests, as a bucket that is not public does.
 * @throws AwsError AccessDenied, SignatureDoesNotMatch, AuthorizationQueryParametersError
 */
export function authorize(request: S3Request, secretsOf: SecretsOf, now: number): void {
  const { query } = request;
  if (query.has('X-Amz-Signature')) return checkPresigned(request, secretsOf, now);
  if (query.has('Signature') && query.has('AWSAccessKeyId')) {
    throw new AwsError(
      'InvalidRequest',
      400,
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256 (signature version 4).',
    );
  }
  if (header(request, 'authorization') === undefined)
    throw new AwsError('AccessDenied', 403, 'Access Denied');
}

function checkPresigned(request: S3Request, secretsOf: SecretsOf, now: number): void {
  const { query } = request;
  const get = (name: string) => query.get(`X-Amz-${name}`) ?? '';
  const scope = parseScope(get('Credential'));
  const signedAt = parseDate(get('Date'));
  const expires = Number(get('Expires'));
  if (
    get('Algorithm') !== 'AWS4-HMAC-SHA256' ||
    scope === undefined ||
    signedAt === undefined ||
    !/^\d+$/.test(get('Expires'))
  ) {
    throw queryError(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  if (expires > LONGEST_EXPIRY_SECONDS)
    throw queryError(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  if (signedAt > now + SKEW_MILLISECONDS) throw new AwsError('AccessDenied', 403, 'Request is not valid yet');
  if (now > signedAt + expires * 1000) {
    throw new AwsError('AccessDenied', 403, 'Request has expired', {
      'X-Amz-Expires': String(expires),
      Expires: new Date(signedAt + expires * 1000).toISOString(),
      ServerTime: new Date(now).toISOString(),
    });
  }
  const signedHeaders = get('SignedHeaders').split(';');
  refuseUnsigned(request, signedHeaders);
  const digest = createHash('sha256').update(canonicalRequest(request, signedHeaders)).digest('hex');
  const { date, region, service } = scope;
  const text = ['AWS4-HMAC-SHA256', get('Date'), `${date}/${region}/${service}/aws4_request`, digest].join(
    '\n',
  );
  checkSignature(text, get('Signature'), scope, secretsOf);
}

/**
 * Refuses unsigned headers that change the meaning of a signed request, such as `x-amz-copy-source`, as S3 does.
 * @throws AwsError AccessDenied
 */
function refuseUnsigned({ incoming }: S3Request, signedHeaders: readonly string[]): void {
  const needed = ['host', ...Object.keys(incoming.headers).filter((name) => name.startsWith('x-amz-'))];
  const unsigned = needed.filter((name) => !signedHeaders.includes(name));
  if (unsigned.length === 0) return;
  throw new AwsError('AccessDenied', 403, 'There were headers present in the request which were not signed', {
    HeadersNotSigned: unsigned.join(', '),
  });
}

function canonicalRequest(request: S3Request, signedHeaders: readonly string[]): string {
  const query = request.rawQuery
    .split('&')
    .map((pair) => {
      const [name, value] = split(pair, '=');
      return [encode(name), encode(value)] as const;
    })
    .filter(([name]) => name !== '' && name !== 'X-Amz-Signature')
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const headers = signedHeaders.map(
    (name) => `${name}:${(header(request, name) ?? '').trim().replaceAll(/\s+/g, ' ')}\n`,
  );
  const payload =
    request.query.get('X-Amz-Content-Sha256') ??
    header(request, 'x-amz-content-sha256') ??
    'UNSIGNED-PAYLOAD';
  return [request.method, request.rawPath, query, headers.join(''), signedHeaders.join(';'), payload].join(
    '\n',
  );
}

/** Encodes by RFC 3986, regardless of how the client encoded it. */
function encode(part: string): string {
  return encodeURIComponent(decode(part.replaceAll('+', '%20'))).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Parses a date such as `20261123T201530Z`. Returns undefined if it is not valid. */
export function parseDate(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const date = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date) ? undefined : date;
}

function queryError(message: string): AwsError {
  return new AwsError('AuthorizationQueryParametersError', 400, message);
}
