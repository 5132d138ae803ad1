import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../aws-error.ts';
import { createTroubleReport, DamagedContent, DiskTrouble, diskTrouble } from '../disk-trouble.ts';
import { LARGEST_PUT_BYTES } from './http/body.ts';
import { authorize } from './http/authorize.ts';
import { corsHeaders, preflight, refuseCrossOrigin } from './http/cors.ts';
import { readRequest, type S3Request } from './http/request.ts';
import { checkOwner, refuseUnsupported } from './http/unsupported.ts';
import { writeErrorXml } from './http/xml.ts';
import { bucketOf, type Answer, type OperationContext } from './operation.ts';
import { postObject } from './operations/post-object.ts';
import { route } from './routes.ts';

interface S3HandlerDeps extends Omit<OperationContext, 'largestPutBytes'> {
  /** Bytes; S3's limit, except in tests. */
  largestPutBytes?: number;
  /** Called with bugs and disk trouble. */
  onError(error: unknown): void;
}

/** Handles S3's REST protocol over the model. */
export function createS3Handler({ onError, largestPutBytes = LARGEST_PUT_BYTES, ...deps }: S3HandlerDeps) {
  const context: OperationContext = { ...deps, largestPutBytes };
  const troubles = createTroubleReport(onError);

  return async function handle(incoming: IncomingMessage, res: ServerResponse): Promise<void> {
    const requestId = randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase();
    let request: S3Request | undefined;
    let answer: Answer;
    try {
      request = readRequest(incoming);
      answer = await answerOf(request, context);
      if (request.method === 'PUT' || request.method === 'POST') troubles.over();
    } catch (error) {
      // The client disconnected, so no response can be delivered.
      if (incoming.errored) return void res.destroy();
      answer = errorAnswer(awsErrorOf(error), requestId, incoming);
    }
    if (request !== undefined) answer.headers = { ...corsOf(request, context), ...answer.headers };
    const broken = await write(incoming, res, answer, requestId);
    const trouble = diskTrouble(broken);
    if (trouble instanceof DamagedContent)
      troubles.report(new DiskTrouble(`${request?.bucket}/${request?.key}: ${trouble.message}`));
    else if (trouble !== undefined) troubles.report(trouble);
  };

  function awsErrorOf(error: unknown): AwsError {
    if (error instanceof AwsError) return error;
    const trouble = diskTrouble(error);
    if (trouble === undefined) {
      onError(error);
      return new AwsError('InternalError', 500, 'We encountered an internal error. Please try again.');
    }
    troubles.report(trouble);
    if (trouble instanceof DamagedContent) return new AwsError('InternalError', 500, trouble.message);
    return new AwsError('ServiceUnavailable', 503, `Please try again later: ${trouble.message}.`);
  }
}

function answerOf(request: S3Request, context: OperationContext): Answer | Promise<Answer> {
  if (request.method === 'OPTIONS') return preflight(request, bucketOf(request, context));
  refuseCrossOrigin(request, findBucket(request, context));
  const operation = route(request);
  // A form has its credential in its fields.
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

/** @returns why the body ended early, if it did */
async function write(
  incoming: IncomingMessage,
  res: ServerResponse,
  answer: Answer,
  requestId: string,
): Promise<unknown> {
  const { status, headers = {}, body } = answer;
  const stream = body instanceof Readable ? body : undefined;
  const text = typeof body === 'string' ? body : '';
  // An unread body would block the connection's next request.
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
    return undefined;
  }
  try {
    await pipeline(stream, res);
  } catch (error) {
    // The client disconnected, or the content ended early. The missing bytes show this to the client.
    res.destroy();
    return error;
  }
  return undefined;
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

/** Writes S3's throttling response. */
export function writeSlowDown(res: ServerResponse): void {
  res.writeHead(503, { 'content-type': 'application/xml' });
  res.end(writeErrorXml({ Code: 'SlowDown', Message: 'Please reduce your request rate.' }));
}
