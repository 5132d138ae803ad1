import type { IncomingMessage } from 'node:http';
import { AwsError } from '../../aws-error.ts';
import { checkKeyLength } from '../key.ts';

/** A parsed S3 request. */
export interface S3Request {
  method: string;
  /** Absent in a request to the service. */
  bucket?: string;
  /** Absent in a request to a bucket. */
  key?: string;
  query: URLSearchParams;
  /** Names in lower case. Headers that begin with `x-amz-` may instead be parameters of a presigned URL. */
  headers: Readonly<Record<string, string>>;
  /** As sent, because this text is signed. */
  rawPath: string;
  rawQuery: string;
  incoming: IncomingMessage;
}

/** @throws AwsError InvalidURI, KeyTooLongError */
export function readRequest(incoming: IncomingMessage): S3Request {
  // Not parsed as a URL, which would resolve dots and double slashes in keys.
  const [rawPath, rawQuery] = split(incoming.url ?? '/', '?');
  const hosted = /^([a-z0-9][a-z0-9.-]*)\.localhost(:\d+)?$/.exec(incoming.headers.host ?? '')?.[1];
  const [bucketPart, keyPart] =
    hosted === undefined ? split(rawPath.slice(1), '/') : [hosted, rawPath.slice(1)];
  const bucket = decode(bucketPart);
  const key = decode(keyPart);
  checkKeyLength(key);
  const query = new URLSearchParams(rawQuery);
  return {
    method: incoming.method ?? 'GET',
    ...(bucket === '' ? {} : { bucket }),
    ...(key === '' ? {} : { key }),
    query,
    headers: headersOf(incoming, query),
    rawPath,
    rawQuery,
    incoming,
  };
}

/** Returns the text before the first separator and the text after it. */
export function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** @throws AwsError InvalidURI */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', 400, "Couldn't parse the specified URI.");
  }
}

function headersOf(incoming: IncomingMessage, query: URLSearchParams): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of query) {
    if (/^x-amz-/i.test(name)) headers[name.toLowerCase()] = value;
  }
  for (const [name, value = ''] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
}

/** Returns a request header, if it was sent. */
export function header({ headers }: S3Request, name: string): string | undefined {
  return headers[name];
}

/**
 * Returns a whole number from the query.
 * @throws AwsError InvalidArgument
 */
export function numberParameter({ query }: S3Request, name: string, fallback: number, max: number): number {
  const text = query.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 2_147_483_647) {
    throw new AwsError('InvalidArgument', 400, `Provided ${name} not an integer or within integer range`, {
      ArgumentName: name,
      ArgumentValue: text,
    });
  }
  return Math.min(value, max);
}
