import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Rejected } from '../../src/core/errors.ts';
import type { Random } from '../../src/local/random.ts';
import type { Config } from '../../src/worker/config.ts';
import type { Conversion } from '../../src/worker/conversion/conversion.ts';
import type { Handler } from '../../src/worker/handler.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { createClients } from './clients.ts';
import type { Faults } from './faults.ts';
import type { Owner, Steps } from './steps.ts';
import type { World } from './world.ts';

/** A process of the function, as the production code sees one: it lives from invocation to invocation. */
export interface WorkerProcess extends Owner {
  readonly handler: Handler;
  /** Whether a fault has struck the invocation that it is at. */
  disturbed: boolean;
  /** The messages of the invocation that it is at, or was at last. */
  messageIds: readonly string[];
}

interface ProcessOptions {
  name: string;
  config: Config;
  world: World;
  steps: Steps;
  faults: Faults;
  random: Random;
  /** Whether what could not be converted can be by now. */
  mended(): boolean;
  onPoison(process: Owner): void;
}

const logger = new Logger({ logLevel: 'SILENT' });
const metrics = new Metrics({ namespace: 'Simulation' });
/** Starts the production worker over the world. Only the conversion is another one. */
export function startProcess(options: ProcessOptions): WorkerProcess {
  const { config, random } = options;
  const owner = { name: options.name, alive: true, disturbed: false, messageIds: [] as readonly string[] };
  const onFault = () => void (owner.disturbed = true);
  const onSent = (id: string) => options.world.sentFor(id, owner.messageIds);
  const { s3, sqs, dynamo } = createClients(owner, { ...options, onFault, onSent });
  const conversion = conversionFor(owner, options);
  const handler = createWorker({
    config,
    s3,
    sqs,
    persistence: new DynamoDBPersistenceLayer({
      tableName: config.idempotencyTable,
      awsSdkV3Client: dynamo,
    }),
    conversions: { conversionFor: () => Promise.resolve(conversion) },
    logger,
    metrics,
    random,
  });
  return Object.assign(owner, { handler });
}

/** Cheap and pure: what it makes names its source and its stamp. */
function conversionFor(owner: Owner, { world, steps, mended, onPoison }: ProcessOptions): Conversion {
  return {
    contentTypes: ['text/plain'],
    async convert(source, recipe, stamp) {
      const text = Buffer.from(source).toString();
      return steps.effect(owner, `convert ${text}`, () => {
        if (text === 'poison' && !mended()) onPoison(owner);
        if (text === 'bad' && !mended()) throw new Rejected('image.corrupt', 'bad on purpose');
        return recipe.renditions.map(({ name: rendition }) => {
          const bytes = Buffer.from(`${text} as ${rendition} of ${stamp}`);
          world.madeFrom.set(bytes, { source, rendition });
          return { rendition, bytes, contentType: 'text/plain', width: 1, height: 1 };
        });
      });
    },
  };
}
