import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { limitedBody, chunksOf } from '../limited-body.ts';
import type { Journal } from '../journal.ts';
import type { Action, ActionContext } from './action.ts';
import { messageActions } from './actions/messages.ts';
import { moveTaskActions } from './actions/move-tasks.ts';
import { queueActions } from './actions/queues.ts';
import type { SqsModel } from './model.ts';

interface SqsHandlerDeps {
  model: SqsModel;
  journal: Journal;
  /** Returns this server's address, for queue URLs. */
  baseUrl(): string;
  accountId: string;
  /** Called with bugs: errors that are not SQS's own. */
  onError(error: unknown): void;
}

const ACTIONS: ReadonlyMap<string, Action> = new Map(
  Object.entries({ ...queueActions, ...messageActions, ...moveTaskActions }),
);
const UNSUPPORTED = new Set(['AddPermission', 'RemovePermission']);
const READS = /^(Get|List)/;
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/**
 * Handles SQS's JSON protocol.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
 */
export function createSqsHandler({ model, journal, baseUrl, accountId, onError }: SqsHandlerDeps) {
  const urlOf: ActionContext['urlOf'] = ({ name }) => `${baseUrl()}/${accountId}/${name}`;

  return async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const gone = new AbortController();
    res.once('close', () => res.writableFinished || gone.abort());
    try {
      const name = actionName(req);
      const action = findAction(name);
      const answer = await action(await readJson(req), { model, urlOf, signal: gone.signal });
      if (!READS.test(name)) await journal.flush();
      write(res, 200, answer);
    } catch (error) {
      if (error instanceof AwsError) return writeError(res, error);
      // The client disconnected, so no response can be delivered.
      if (req.errored) return void res.destroy();
      onError(error);
      writeError(res, new AwsError('InternalFailure', 500, 'The local SQS failed; its log has more.'));
    }
  };
}

function actionName(req: IncomingMessage): string {
  const [service, name] = String(req.headers['x-amz-target'] ?? '').split('.');
  if (service === 'AmazonSQS' && name !== undefined) return name;
  throw new AwsError(
    'NotImplemented',
    501,
    'This local SQS speaks the JSON protocol only; clients have spoken it since the end of 2023. Update the client.',
  );
}

function findAction(name: string): Action {
  const action = ACTIONS.get(name);
  if (action !== undefined) return action;
  if (UNSUPPORTED.has(name))
    throw new AwsError('NotImplemented', 501, `This local SQS does not support ${name}.`);
  throw new AwsError('UnknownOperationException', 404, `There is no operation ${name}.`);
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const tooLarge = () =>
    new AwsError('RequestEntityTooLarge', 413, `A request has ${MAX_REQUEST_BYTES} bytes at most.`);
  const body = await buffer(limitedBody(chunksOf(req), MAX_REQUEST_BYTES, tooLarge));
  try {
    return JSON.parse(body.toString() || '{}');
  } catch {
    throw new AwsError('SerializationException', 400, 'The request is not JSON.');
  }
}

function write(
  res: ServerResponse,
  status: number,
  answer: object,
  headers: Record<string, string> = {},
): void {
  const body = JSON.stringify(answer);
  res.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  res.end(body);
}

/** The Query protocol's error names, which clients still check. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  PurgeQueueInProgress: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};

function writeError(res: ServerResponse, { code, status, message }: AwsError): void {
  if (res.destroyed || res.headersSent) return;
  const body = { __type: `com.amazonaws.sqs#${code}`, message };
  write(res, status, body, {
    'x-amzn-query-error': `${QUERY_CODES[code] ?? code};${status < 500 ? 'Sender' : 'Receiver'}`,
  });
}

/** Writes SQS's throttling response. */
export function writeThrottled(res: ServerResponse): void {
  writeError(
    res,
    new AwsError(
      'ServiceUnavailable',
      503,
      'The request has failed due to a temporary failure of the server.',
    ),
  );
}
