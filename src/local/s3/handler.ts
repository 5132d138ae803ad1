import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../aws-error.ts';
import { LARGEST_PUT_BYTES } from './http/body.ts';
import { authorize } from './http/authorize.ts';
import { corsHeaders, preflight, refuseOtherPages } from './http/cors.ts';
import { readRequest, type S3Request } from './http/request.ts';
import { checkOwner, refuseUnsupported } from './http/unsupported.ts';
import { writeErrorXml } from './http/xml.ts';
import { bucketOf, type Answer, type OperationContext } from './operation.ts';
import { postObject } from './operations/post-object.ts';
import { route } from './routes.ts';

interface S3HandlerDeps extends Omit<OperationContext, 'largestPutBytes'> {
  /** Bytes; S3's own limit unless a test wants a smaller one. */
  largestPutBytes?: number;
  /** Told of bugs: what is not an answer of S3's own. */
  onError(error: unknown): void;
}

/** S3's REST protocol over the model. */
export function createS3Handler({ onError, largestPutBytes = LARGEST_PUT_BYTES, ...deps }: S3HandlerDeps) {
  const context: OperationContext = { ...deps, largestPutBytes };

  return async function handle(incoming: IncomingMessage, res: ServerResponse): Promise<void> {
    const requestId = randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase();
    let request: S3Request | undefined;
    let answer: Answer;
    try {
      request = readRequest(incoming);
      answer = await answerOf(request, context);
    } catch (error) {
      // The client left in the middle: there is nobody to answer.
      if (incoming.errored) return void res.destroy();
      if (!(error instanceof AwsError)) onError(error);
      answer = errorAnswer(error instanceof AwsError ? error : internalError(), requestId, incoming);
    }
    if (request !== undefined) answer.headers = { ...corsOf(request, context), ...answer.headers };
    await write(incoming, res, answer, requestId);
  };
}

function answerOf(request: S3Request, context: OperationContext): Answer | Promise<Answer> {
  if (request.method === 'OPTIONS') return preflight(request, bucketOf(request, context));
  refuseOtherPages(request, findBucket(request, context));
  const operation = route(request);
  // A form brings its credential in its fields.
  if (operation !== postObject) authorize(request, context.secretsOf, context.clock.now());
  refuseUnsupported(request.headers);
  checkOwner(request, context.accountId);
  return operation(request, context);
}

function corsOf(request: S3Request, context: OperationContext): Record<string, string> {
  if (request.incoming.headers.origin === undefined || request.method === 'OPTIONS') return {};
  return corsHeaders(request, findBucket(request, context));
}

function findBucket({ bucket }: S3Request, { model }: OperationContext) {
  return model.buckets().find(({ name }) => name === bucket);
}

async function write(
  incoming: IncomingMessage,
  res: ServerResponse,
  answer: Answer,
  requestId: string,
): Promise<void> {
  const { status, headers = {}, body } = answer;
  const stream = body instanceof Readable ? body : undefined;
  const text = typeof body === 'string' ? body : '';
  // A body that nobody reads would block the connection's next request.
  if (!incoming.complete) incoming.resume();
  res.writeHead(status, {
    ...(stream === undefined && status !== 204 && status !== 304
      ? { 'content-length': Buffer.byteLength(text) }
      : {}),
    ...headers,
    'x-amz-request-id': requestId,
    'x-amz-id-2': requestId,
  });
  if (stream === undefined) {
    res.end(incoming.method === 'HEAD' ? undefined : text);
    return;
  }
  try {
    await pipeline(stream, res);
  } catch {
    // The client left in the middle, or the content broke off: the missing bytes tell it.
    res.destroy();
  }
}

function errorAnswer(
  { code, status, message, fields, headers }: AwsError,
  requestId: string,
  { url = '' }: IncomingMessage,
): Answer {
  const [Resource] = url.split('?');
  const content = {
    Code: code,
    Message: message,
    ...fields,
    Resource,
    RequestId: requestId,
    HostId: requestId,
  };
  return { status, headers: { ...headers, 'content-type': 'application/xml' }, body: writeErrorXml(content) };
}

function internalError(): AwsError {
  return new AwsError('InternalError', 500, 'We encountered an internal error. Please try again.');
}

/** What S3 answers when it wants less. */
export function writeSlowDown(res: ServerResponse): void {
  res.writeHead(503, { 'content-type': 'application/xml' });
  res.end(writeErrorXml({ Code: 'SlowDown', Message: 'Please reduce your request rate.' }));
}
