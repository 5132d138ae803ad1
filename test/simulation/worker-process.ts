import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Handler } from '../../src/worker/lambda-handler.ts';
import { createPersistence } from '../../src/worker/persistence.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { createClients } from './clients.ts';
import type { Sent } from './sqs-answers.ts';
import type { Deployed } from './deployments.ts';
import type { Faults } from './faults.ts';
import type { Removed } from './orphans/removed.ts';
import type { SecondLooks } from './second-looks.ts';
import { simulatedConversions, type ConversionOptions } from './simulated-conversions.ts';
import type { NamedUpload } from './message-contents.ts';
import type { Owner } from './steps.ts';

/** A process of the function, as in Lambda: it is reused for several invocations. */
export interface WorkerProcess extends Owner {
  readonly handler: Handler;
  /** The version of the function that it runs. */
  readonly deployed: Deployed;
  /** Whether a fault has affected the current invocation. */
  disturbed: boolean;
  /** The messages of the current or last invocation. */
  messageIds: readonly string[];
  /** The messages sent in that invocation. */
  sent: { queue: string; uploads: readonly NamedUpload[] }[];
  /** The keys of the uploads of which that invocation stored results, and the number of the last such write. */
  stored: Map<string, number>;
}

interface ProcessOptions extends ConversionOptions {
  name: string;
  faults: Faults;
  secondLooks: SecondLooks;
  removed: Removed;
}

const logger = new Logger({ logLevel: 'SILENT' });
const metrics = new Metrics({ namespace: 'Simulation' });

/** Starts the production worker in the simulated world. Only the conversions are replaced. */
export function startProcess(options: ProcessOptions): WorkerProcess {
  const { deployed, world, random } = options;
  const { config } = deployed;
  const owner = {
    name: options.name,
    alive: true,
    deployed,
    disturbed: false,
    messageIds: [] as readonly string[],
    sent: [] as WorkerProcess['sent'],
    stored: new Map<string, number>(),
  };
  const onFault = () => void (owner.disturbed = true);
  // A request belongs to the invocation that made it, even if SQS receives it after the response.
  const onSending = () => {
    const { messageIds, sent } = owner;
    return ({ id, queue, body }: Sent) => {
      world.sentFor(id, messageIds);
      sent.push({ queue, uploads: world.messageContents.of(body) });
    };
  };
  const onFound = (key: string) => {
    const { mark } = world.stored.current(key) ?? {};
    if (mark?.key === undefined) return;
    const { conversion, variant } = deployed.expected(mark.key);
    if (mark.conversion !== conversion || mark.variant !== variant)
      world.met('a worker that met a result of another rule');
    if ((mark.deployment ?? 0) <= deployed.number) return;
    world.met('an outdated worker that met a newer result');
    // It leaves the upload to the deployed version, which uses up an attempt of the message.
    owner.disturbed = true;
  };
  // Like a message, a result belongs to the invocation that made the request.
  const onStoring = (resultKey: string) => {
    const { stored } = owner;
    return () => {
      options.secondLooks.stored(owner, resultKey);
      stored.set(world.stored.current(resultKey)?.mark.key ?? '', world.stored.revision);
    };
  };
  const onRequest = (command: unknown) => {
    const { Bucket, Key = '' } = (command as { input: { Bucket?: string; Key?: string } }).input;
    const isHead = command instanceof HeadObjectCommand;
    if (isHead && Bucket === world.results.name) onFound(Key);
    if (Bucket === world.uploads.name && (isHead || command instanceof GetObjectCommand))
      options.secondLooks.looked(owner, Key);
    if (Bucket !== world.results.name) return undefined;
    if (command instanceof PutObjectCommand) return onStoring(Key);
    if (command instanceof DeleteObjectCommand) {
      const result = world.stored.current(Key);
      return () => {
        world.met('a result that is deleted with its upload');
        if (result !== undefined) options.removed.withUpload(owner, deployed, Key, result);
      };
    }
    return undefined;
  };
  const { s3, sqs, dynamo } = createClients(owner, { ...options, onFault, onSending, onRequest });
  const handler = createWorker({
    config,
    s3,
    sqs,
    persistence: createPersistence(config, () => dynamo),
    conversions: simulatedConversions(owner, options),
    logger,
    metrics,
    random,
  });
  return Object.assign(owner, { handler });
}
