import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import { checkRead, type ReadConditions } from '../conditions.ts';
import { checkHeader, versionHeaders } from '../http/descriptive.ts';
import { header, type S3Request } from '../http/request.ts';
import { openRange, type Range } from '../open-range.ts';
import {
  bucketOf,
  keyOf,
  versionHeader,
  xmlAnswer,
  type Answer,
  type Operation,
  type OperationContext,
} from '../operation.ts';
import type { Version } from '../version.ts';

const OVERRIDES = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

export const headObject: Operation = (request, context) => describe(request, context).answer;

export const getObject: Operation = async (request, context) => {
  const { answer, version, range } = describe(request, context);
  if (answer.status === 304) return answer;
  return { ...answer, body: await openRange(version.segments, range, context.blobs) };
};

/** Returns an empty list: writes with tags are refused. The AWS CLI requests the tags before a large copy. */
export const getObjectTagging: Operation = (request, context) => {
  const bucket = bucketOf(request, context);
  const version = context.model.find(bucket, keyOf(request), request.query.get('versionId') ?? undefined);
  const answer = xmlAnswer('Tagging', { TagSet: '' });
  return { ...answer, headers: { ...answer.headers, ...versionHeader(bucket, version.versionId) } };
};

function describe(
  request: S3Request,
  context: OperationContext,
): { answer: Answer; version: Version; range: Range } {
  const bucket = bucketOf(request, context);
  const { query } = request;
  if (query.has('partNumber'))
    throw new AwsError('NotImplemented', 501, 'This local S3 does not read single parts of an object.');
  const version = context.model.find(bucket, keyOf(request), query.get('versionId') ?? undefined);
  const wholeRange = { begin: 0, end: version.bytes - 1 };
  const headers: Record<string, string> = {
    ...versionHeader(bucket, version.versionId),
    ...versionHeaders(
      version,
      header(request, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' && !header(request, 'range'),
    ),
  };
  if (checkRead(readConditions(request), version) === 'not modified') {
    return { answer: { status: 304, headers }, version, range: wholeRange };
  }
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`);
    if (value === null) continue;
    checkHeader(name, value);
    headers[name] = value;
  }
  Object.assign(headers, scriptsOff(headers['content-type']));
  const range = readRange(header(request, 'range'), version.bytes);
  const { begin, end } = range ?? wholeRange;
  headers['content-length'] = String(end - begin + 1);
  if (range !== undefined) headers['content-range'] = `bytes ${begin}-${end}/${version.bytes}`;
  return { answer: { status: range === undefined ? 200 : 206, headers }, version, range: { begin, end } };
}

/** Types whose contents contain no scripts. */
const INERT =
  /^(image\/(?!svg)|video\/|audio\/|text\/plain\b|application\/(pdf|json|octet-stream)\b|binary\/)/i;

/**
 * Returns headers that keep browsers from running scripts in an object that a link opens. Unlike on AWS, such a script
 * would share its origin with every bucket and queue.
 */
function scriptsOff(contentType = ''): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    ...(INERT.test(contentType) ? {} : { 'content-security-policy': 'sandbox' }),
  };
}

/** Returns the conditions in the headers whose names begin with a prefix. */
export function readConditions(request: S3Request, prefix = ''): ReadConditions {
  const condition = (name: string) => header(request, `${prefix}if-${name}`);
  return defined({
    ifMatch: condition('match'),
    ifNoneMatch: condition('none-match'),
    ifModifiedSince: condition('modified-since'),
    ifUnmodifiedSince: condition('unmodified-since'),
  });
}

/**
 * Returns the requested range, or undefined for the whole object or a malformed header, as in RFC 9110.
 * @throws AwsError InvalidRange
 */
function readRange(text: string | undefined, bytes: number): Range | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(text?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const begin = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (first !== '' && last !== '' && Number(last) < begin) return undefined;
  if (begin >= bytes || (first === '' && Number(last) === 0)) {
    throw new AwsError(
      'InvalidRange',
      416,
      'The requested range is not satisfiable',
      {
        RangeRequested: text ?? '',
        ActualObjectSize: String(bytes),
      },
      { 'content-range': `bytes */${bytes}` },
    );
  }
  return { begin, end };
}
