import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Random } from '@millrace/local-aws/models';
import type { ConversionJob } from '../../src/core/conversion.ts';
import { Rejected } from '../../src/core/errors.ts';
import type { Conversions } from '../../src/worker/conversion/conversions.ts';
import { insteadOfImages, textResult } from '../support/conversions.ts';
import type { Handler } from '../../src/worker/lambda-handler.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { createClients } from './clients.ts';
import type { Sent } from './sqs-answers.ts';
import type { Deployed } from './deployments.ts';
import type { Faults } from './faults.ts';
import { markOf, textOf, withMark } from './marks.ts';
import type { SecondLooks } from './second-looks.ts';
import type { Spoken } from './spoken.ts';
import type { Owner, Steps } from './steps.ts';
import type { World } from './world.ts';

/** A process of the function, as the production code sees one: it lives from invocation to invocation. */
export interface WorkerProcess extends Owner {
  readonly handler: Handler;
  /** The version of the function that it runs, until it ends. */
  readonly deployed: Deployed;
  /** Whether a fault has struck the invocation that it is at. */
  disturbed: boolean;
  /** The messages of the invocation that it is at, or was at last. */
  messageIds: readonly string[];
  /** What it has sent in that invocation. */
  sent: { queue: string; spoken: readonly Spoken[] }[];
}

interface ProcessOptions {
  name: string;
  deployed: Deployed;
  world: World;
  steps: Steps;
  faults: Faults;
  random: Random;
  /** Seconds that a conversion takes at most. */
  conversionSeconds: number;
  /** Of conversions whose results have no stamp. */
  secondLooks: SecondLooks | undefined;
  /** Whether what could not be converted can be by now. */
  mended(): boolean;
  onPoison(process: Owner): void;
}

const logger = new Logger({ logLevel: 'SILENT' });
const metrics = new Metrics({ namespace: 'Simulation' });
/** Starts the production worker over the world. Only the conversion is another one. */
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
  };
  const onFault = () => void (owner.disturbed = true);
  // A request belongs to the invocation that made it, though SQS may get it when that has answered.
  const onSending = () => {
    const { messageIds, sent } = owner;
    return ({ id, queue, body }: Sent) => {
      world.sentFor(id, messageIds);
      sent.push({ queue, spoken: world.spoken.of(body) });
    };
  };
  const onFound = (key: string) => {
    if ((world.stored.current(key)?.mark.deployment ?? 0) <= deployed.number) return;
    world.met('an outdated worker that met a younger result');
    // It leaves the upload to the version that is deployed, which costs the message an attempt.
    owner.disturbed = true;
  };
  const onRequest = (command: unknown) => {
    const { Bucket, Key = '' } = (command as { input: { Bucket?: string; Key?: string } }).input;
    const isHead = command instanceof HeadObjectCommand;
    if (isHead && Bucket === world.results.name) onFound(Key);
    if (Bucket === world.uploads.name && (isHead || command instanceof GetObjectCommand))
      options.secondLooks?.looked(owner, Key);
    return command instanceof PutObjectCommand && Bucket === world.results.name
      ? () => options.secondLooks?.stored(owner, Key)
      : undefined;
  };
  const { s3, sqs, dynamo } = createClients(owner, { ...options, onFault, onSending, onRequest });
  const handler = createWorker({
    config,
    s3,
    sqs,
    persistence: new DynamoDBPersistenceLayer({
      tableName: config.idempotencyTable,
      awsSdkV3Client: dynamo,
    }),
    conversions: conversionsFor(owner, options),
    logger,
    metrics,
    random,
  });
  return Object.assign(owner, { handler });
}

/** Cheap: what it makes names its source, and its stamp or, without one, its recipe. It takes virtual time. */
function conversionsFor(owner: Owner, options: ProcessOptions): Conversions {
  const { deployed, world, steps, random, conversionSeconds, secondLooks, mended, onPoison } = options;
  const stamped = secondLooks === undefined;
  const convert = async (
    source: Uint8Array,
    { renditions, limits, stamp }: Pick<ConversionJob<unknown>, 'renditions' | 'limits' | 'stamp'>,
  ) => {
    const text = textOf(source);
    const { upload = 0 } = markOf(source);
    const isSlow = text === 'slow' && !mended();
    const seconds = isSlow ? limits.seconds : conversionSeconds * (0.5 + random() / 2);
    if (seconds > 0) await world.clock.sleep(seconds * 1000);
    return steps.effect(owner, `convert ${text}`, () => {
      if (text === 'poison' && !mended()) onPoison(owner);
      if (text === 'bad' && !mended()) throw new Rejected('image.corrupt', 'bad on purpose');
      if (isSlow) {
        world.met('a conversion beyond its limit');
        throw new Rejected('conversion.timeout', 'slow on purpose');
      }
      return renditions.map((rendition) => {
        const mark = { upload, deployment: deployed.number, rendition };
        const made = stamped ? `of ${stamp}` : `by ${deployed.recipe}`;
        return textResult(rendition, withMark(`${text} as ${rendition} ${made}`, mark));
      });
    });
  };
  return insteadOfImages(convert, { stamped });
}
