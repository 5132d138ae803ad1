import { resolve } from 'node:path';
import { startExpiration } from './expiration.ts';
import { localClientConfig } from './client-config.ts';
import { MACHINE, type Clock, type Machine } from './clock.ts';
import { openDataFolder, type DataFolder } from './data-folder/open.ts';
import { LOCAL_AWS_FOLDER, type FolderKind } from './data-folder/kind.ts';
import { createFaults } from './faults.ts';
import { noJournal, type Journal } from './journal.ts';
import { openClock } from './persistent-clock.ts';
import type { S3Model } from './s3/model.ts';
import type { LocalObjects } from './s3/objects.ts';
import { startServer } from './server.ts';
import { openServices, REGION } from './services.ts';
import type { SqsModel } from './sqs/model.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export interface LocalAwsOptions {
  /** 0, the default, picks a free port. */
  port?: number;
  /** Keeps everything here across restarts and crashes. By default, nothing is kept after `stop`. */
  folder?: string;
  /** With `false`, `folder` only stores the contents of objects while the server runs. */
  keep?: boolean;
  /** The mark of a kept folder, for a program that stores more in it. */
  folderKind?: FolderKind;
  /** Moves damaged files in a kept folder aside instead of refusing the folder. */
  repair?: boolean;
  /** Reads all contents of a kept folder at startup, and compares their bytes. */
  verify?: boolean;
  /** Whether acknowledged writes survive a power cut. Slower. */
  fsync?: boolean;
  /** Seed of faults, which begin with `beginFaults`. */
  faults?: number;
  /** The clock. Tests pass their own. */
  machine?: Machine;
  /** Called with a description of each repair. */
  onNotice?(text: string): void;
  /** Called when the folder can no longer be written. From then on, nothing is acknowledged. */
  onFailure?(error: unknown): void;
  /** Called with bugs in the servers and with disk trouble. By default, they become process warnings. */
  onError?(error: unknown): void;
}

/** S3, SQS and DynamoDB on this machine. */
export interface LocalAws {
  /** The endpoint of all three. */
  url: string;
  region: string;
  /** Where its files are, as an absolute path. */
  folder: string;
  /**
   * A key pair for clients. Any other pair works too; presigned URLs and POST policies made with this pair are
   * verified.
   */
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Configuration for the SDK's clients: `new S3Client(aws.clientConfig)`. */
  clientConfig: { endpoint: string; region: string; credentials: LocalAws['credentials'] };
  /** Environment variables that point SDKs, the AWS CLI and other processes to this server. */
  env: Record<string, string>;
  /**
   * Starts the faults: requests are refused, delayed or lose their response, and messages arrive late, twice or out
   * of order.
   */
  beginFaults(): void;
  /** Finishes requests in flight, and releases the port and the folder. */
  stop(): Promise<void>;
  /** The models behind the endpoint, for programs that read their state or receive messages in process. */
  s3: S3Model;
  /** The objects of S3, for programs that store and read in process. */
  objects: LocalObjects;
  sqs: SqsModel;
  clock: Clock;
  journal: Journal;
}

type ResolvedOptions = LocalAwsOptions & { folder: string; onError(error: unknown): void };

/**
 * Starts S3, SQS and DynamoDB on one port of this machine.
 * @throws DataFolderError if the folder cannot be used
 * @throws Error `EADDRINUSE` if the port is taken
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const temporary = options.folder === undefined ? await makeTemporaryFolder('local-aws-') : undefined;
  try {
    // Absolute, so that it stays the same folder if the process changes its working directory.
    const aws = await startIn(resolve(options.folder ?? temporary?.path ?? ''), options);
    return {
      ...aws,
      async stop() {
        await aws.stop();
        await temporary?.remove();
      },
    };
  } catch (error) {
    await temporary?.remove();
    throw error;
  }
}

async function startIn(folder: string, options: LocalAwsOptions): Promise<LocalAws> {
  const { keep = options.folder !== undefined, folderKind: kind = LOCAL_AWS_FOLDER } = options;
  const { repair = false, verify = false, fsync = false, onNotice = () => undefined } = options;
  const report =
    options.onError ?? ((error) => process.emitWarning(error instanceof Error ? error : String(error)));
  let failed = false;
  const onFailure = (error: unknown) => {
    failed = true;
    (options.onFailure ?? report)(error);
  };
  // Once the journal has failed, every request fails.
  const onError = (error: unknown) => void (failed || report(error));
  const data = keep
    ? await openDataFolder(folder, { kind, repair, verify, fsync, onNotice, onFailure })
    : undefined;
  try {
    return await startOn(data, { ...options, folder, onError });
  } catch (error) {
    await data?.close();
    throw error;
  }
}

async function startOn(data: DataFolder | undefined, options: ResolvedOptions): Promise<LocalAws> {
  const { machine = MACHINE, folder, fsync = false, onError } = options;
  const journal = data?.journal ?? noJournal;
  const keptClock = await openClock(journal, machine);
  const { clock } = keptClock;
  const faults = options.faults === undefined ? undefined : createFaults(options.faults, clock);
  let url = '';
  const deps = { journal, clock, machine, faults, folder, fsync, url: () => url, onError };
  const services = await openServices(deps);
  const { s3, objects, sqs, handlers } = services;
  await data?.check(s3.contents());
  const server = await startServer({ ...handlers, port: options.port ?? 0, machine, onError });
  ({ url } = server);
  keptClock.start();
  const stopAgeing = startExpiration({ s3, journal, onError });
  const clientConfig = localClientConfig(url);
  const { credentials } = clientConfig;
  return {
    url,
    region: REGION,
    folder,
    credentials,
    clientConfig,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: REGION,
      // boto3 and version 1 of the AWS CLI read only this one.
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    clock,
    sqs,
    s3,
    objects,
    journal,
    beginFaults: () => faults?.begin(),
    async stop() {
      await Promise.all([server.stop(), services.stop()]);
      await stopAgeing();
      keptClock.stop();
      await data?.close();
    },
  };
}
