import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { localClientConfig } from './client-config.ts';
import { startAgeing } from './ageing.ts';
import { MACHINE, type Clock, type Machine } from './clock.ts';
import { createTroubleReport, DiskTrouble, diskTrouble } from './disk-trouble.ts';
import { createDynamoHandler } from './dynamo.ts';
import { createFaults, type HttpHandler } from './faults.ts';
import { openDataFolder, type DataFolder } from './data-folder/open.ts';
import { noJournal, type Journal } from './journal.ts';
import { openClock } from './kept-clock.ts';
import { isOfOtherPage } from './other-pages.ts';
import { openBlobFolder } from './s3/blobs.ts';
import { knownPairs, secretsOfPairs } from './s3/credentials.ts';
import { createS3Handler, writeSlowDown } from './s3/handler.ts';
import { createS3Model, type S3Model } from './s3/model.ts';
import type { Segment } from './s3/version.ts';
import { createSqsHandler, writeThrottled } from './sqs/handler.ts';
import { createSqsModel, type SqsModel } from './sqs/model.ts';

export interface LocalAwsOptions {
  /** 0 picks a free one. */
  port: number;
  /** Where contents are; with `keep`, everything else too. */
  folder: string;
  keep: boolean;
  /** Moves aside what is damaged in a folder that is kept, instead of refusing it. */
  repair?: boolean;
  /** Reads all contents of a folder that is kept, and compares their bytes. */
  verify?: boolean;
  /** Whether what is acknowledged survives a power cut. */
  fsync?: boolean;
  /** Called with what a repair did. */
  onNotice?(text: string): void;
  /** Called when the folder cannot be written any more: nothing is acknowledged from then on. */
  onFailure?(error: unknown): void;
  /** The machine's time; another one in tests. */
  machine?: Machine;
  /** Seed of faults, which begin with `beginFaults`. */
  faults?: number;
  /** Told of bugs in the servers. */
  onError(error: unknown): void;
}

export interface LocalAws {
  url: string;
  region: string;
  clock: Clock;
  sqs: SqsModel;
  s3: S3Model;
  journal: Journal;
  beginFaults(): void;
  stop(): Promise<void>;
}

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
/** Longer than clients keep an idle connection, so that none of them meets one that is just being closed. */
const KEEP_ALIVE_MILLISECONDS = 75_000;
/** For the answers that are under way when it stops. */
const GRACE_MILLISECONDS = 1000;

/** S3, SQS and DynamoDB on one port of this machine. */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { repair = false, verify = false, fsync = false, onNotice = () => undefined } = options;
  let failed = false;
  const onFailure = (error: unknown) => {
    failed = true;
    (options.onFailure ?? options.onError)(error);
  };
  // When the journal has failed, so does everything.
  const onError = (error: unknown) => void (failed || options.onError(error));
  const data = options.keep
    ? await openDataFolder(options.folder, { repair, verify, fsync, onNotice, onFailure })
    : undefined;
  try {
    return await startOn(data, { ...options, onError });
  } catch (error) {
    await data?.close();
    throw error;
  }
}

async function startOn(data: DataFolder | undefined, options: LocalAwsOptions): Promise<LocalAws> {
  const journal = data?.journal ?? noJournal;
  const { machine = MACHINE } = options;
  const keptClock = await openClock(journal, machine);
  const { clock } = keptClock;
  const faults = options.faults === undefined ? undefined : createFaults(options.faults, clock);
  const random = Math.random;

  const sqs = createSqsModel({
    clock,
    random,
    journal,
    region: REGION,
    accountId: ACCOUNT,
    ...(faults === undefined
      ? {}
      : { chooseOnReceive: faults.chooseOnReceive, duplicateOnReceive: faults.duplicateOnReceive }),
  });
  await sqs.restore();

  function deliver(queueArn: string, body: string): void {
    const queue = sqs.queueByArn(queueArn);
    if (queue === undefined) return;
    for (const delaySeconds of faults?.notificationDelays() ?? [0]) sqs.send(queue, { body, delaySeconds });
  }

  // A content is removed only when the disk knows that nothing speaks of it any more.
  const release = (segments: readonly Segment[]) => {
    if (segments.length > 0)
      void journal
        .flush()
        .then(() => blobs.remove(segments))
        .catch(options.onError);
  };
  const s3 = createS3Model({
    clock,
    random,
    journal,
    region: REGION,
    deliver,
    queueExists: (arn) => sqs.queueByArn(arn) !== undefined,
    release,
  });
  await s3.restore();
  const blobs = await openBlobFolder(join(options.folder, 'blobs'), { fsync: options.fsync === true });
  await data?.check(s3.contents());

  let url = '';
  const { credentials } = localClientConfig('');
  const shared = { journal, onError: options.onError };
  const s3Handler = createS3Handler({
    ...shared,
    model: s3,
    blobs,
    // Signatures are dated by the machine's clock.
    clock: { ...clock, now: machine.wall },
    region: REGION,
    accountId: ACCOUNT,
    secretsOf: secretsOfPairs(knownPairs(credentials, process.env)),
  });
  const sqsHandler = createSqsHandler({ ...shared, model: sqs, baseUrl: () => url, accountId: ACCOUNT });
  const handlers = {
    s3: faults?.disturb(s3Handler, writeSlowDown) ?? s3Handler,
    sqs: faults?.disturb(sqsHandler, writeThrottled) ?? sqsHandler,
  };
  const server = serve(handlers, machine, options.onError);
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  // Connections that cannot be accepted, with too many open files: clients try again.
  const troubles = createTroubleReport(options.onError);
  server.on('error', (error) => troubles.report(diskTrouble(error) ?? new DiskTrouble(error.message)));
  keptClock.start();
  const stopAgeing = startAgeing({ s3, ...shared });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    region: REGION,
    clock,
    sqs,
    s3,
    journal,
    beginFaults: () => faults?.begin(),
    async stop() {
      await closeServer(server);
      await stopAgeing();
      keptClock.stop();
      await data?.close();
    },
  };
}

function serve(
  handlers: { s3: HttpHandler; sqs: HttpHandler },
  machine: Machine,
  onError: (error: unknown) => void,
): Server {
  const dynamo = createDynamoHandler();
  const server = createServer((req, res) => {
    // Node's own is up to a second old. Across a jump of the clock, clients would correct theirs by it.
    res.setHeader('date', new Date(machine.wall()).toUTCString());
    if (!isLocalHost(req.headers.host)) {
      req.resume();
      res.writeHead(403, { 'content-type': 'text/plain' });
      res.end('this server answers to names of this machine only\n');
      return;
    }
    const form = req.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
    const target = String(req.headers['x-amz-target'] ?? '');
    const isS3 = target === '' && !(req.method === 'POST' && form);
    // S3 checks its buckets' CORS rules; SQS and DynamoDB have none.
    if (!isS3 && isOfOtherPage(req)) {
      req.resume();
      res.writeHead(403, { 'content-type': 'text/plain' });
      res.end('this server takes no requests of web pages\n');
      return;
    }
    if (target.startsWith('DynamoDB_')) {
      return dynamo(req, res);
    }
    const handle = isS3 ? handlers.s3 : handlers.sqs;
    handle(req, res).catch((error: unknown) => {
      onError(error);
      res.destroy();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
  // An upload may take as long as it needs, as long as something comes.
  server.requestTimeout = 0;
  server.timeout = 5 * 60_000;
  return server;
}

/** A page of somebody else whose name leads to this machine (DNS rebinding) would reach everything here. */
function isLocalHost(host = 'localhost'): boolean {
  return /^(127\.0\.0\.1|\[::1\]|([\w.-]+\.)?localhost)(:\d*)?$/i.test(host);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MILLISECONDS);
  await closed;
  clearTimeout(timer);
}
