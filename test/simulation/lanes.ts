import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, SQSRecord } from 'aws-lambda';
import { eventQueue, failedMessages } from '@millrace/local-aws/lambda';
import { noJournal, seededRandom } from '@millrace/local-aws/models';
import type { Limits } from '../../src/core/recipe.ts';
import { SETTINGS } from '../../src/core/settings.ts';
import { timingOf } from '../../src/core/timing.ts';
import type { Conversions } from '../../src/worker/conversion/conversions.ts';
import { insteadOfImages, textResult } from '../support/conversions.ts';
import type { Handler } from '../../src/worker/lambda-handler.ts';
import { createPersistence } from '../../src/worker/persistence.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { createClients } from './clients.ts';
import { virtualClock } from './clock.ts';
import { configOf } from './deployments.ts';
import { createFaults } from './faults.ts';
import { FAULTS, type Scenario } from './scenario.ts';
import { createChoose } from './schedule.ts';
import { createSteps, settled, type Owner } from './steps.ts';
import { createWorld } from './world.ts';

/**
 * A conversion's duration in seconds. One that `hangs` never ends, the result of one that `stalls` is never stored, and
 * `poison` kills its process.
 */
export type Content = number | 'hangs' | 'stalls' | 'poison';

interface LanesOptions {
  limits: Limits;
  /** Concurrent conversions per process. */
  slots: number;
  /** Concurrent invocations. */
  concurrency: { conversion: number; retry: number };
}

/** What the lanes did, for a test to check. */
export interface Observed {
  /** How often each upload's conversion has ended. */
  conversions: Map<string, number>;
  /** Invocations that Lambda killed at the function's timeout. */
  timeouts: number;
  /** For each invocation killed by a poison, by its id: how many other messages it had. */
  killed: number[];
  /** The maximum number of messages in the retry queue. */
  mostInRetry: number;
  /** Ids of each invocation's messages, and of those that it reported as failed. */
  invocations: { messages: number; failed: number; seconds: number }[];
}

/**
 * Runs the production worker behind its two event sources, in virtual time. Failures and durations depend only on the
 * uploads' contents. Call within `withVirtualTime`.
 */
export function createLanes({ limits, slots, concurrency }: LanesOptions) {
  const scenario: Scenario = {
    seed: 1,
    schedule: 'uniform',
    haste: 1,
    versioned: true,
    stamped: true,
    deleting: false,
    naming: 'own',
    conversionSeconds: 0,
    renditions: 1,
    concurrency: 1,
    batchSize: 1,
    actions: [],
    rates: Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Scenario['rates'],
    faultBudget: 0,
  };
  const random = seededRandom(1);
  const clock = virtualClock();
  const faults = createFaults(scenario, random);
  const steps = createSteps(createChoose('uniform', random), random);
  // Sends each notification in a separate message, because shared messages cause duplicates.
  const apart = () => 0.05 + 0.95 * random();
  const world = createWorld({ scenario, clock, faults, random: apart });
  const base = configOf(scenario, 'A', 1);
  const recipe = { ...base.recipe, limits };
  const config = { ...base, recipe, conversions: slots, inFlight: 3 * slots };
  const timing = timingOf(limits);
  world.sqs.setAttributes(world.conversion, { VisibilityTimeout: String(timing.visibilityTimeoutSeconds) });
  world.sqs.setAttributes(world.retry, { VisibilityTimeout: String(timing.visibilityTimeoutSeconds) });
  const observed: Observed = {
    conversions: new Map(),
    timeouts: 0,
    killed: [],
    mostInRetry: 0,
    invocations: [],
  };
  const idle: { owner: Owner; handler: Handler }[] = [];
  const deaths = new Map<Owner, () => void>();
  const stalled = new Set<string>();
  let started = 0;

  function start(): { owner: Owner; handler: Handler } {
    started += 1;
    const owner = { name: `process ${started}`, alive: true };
    const ignored = { onFault: () => undefined, onSending: () => () => undefined };
    const { s3, sqs, dynamo } = createClients(owner, { world, steps, faults, ...ignored });
    const stalling = Object.create(s3, {
      send: {
        value: (command: PutObjectCommand) =>
          command instanceof PutObjectCommand && stalled.has(command.input.Key ?? '')
            ? new Promise(() => undefined)
            : s3.send(command),
      },
    }) as S3Client;
    const handler = createWorker({
      config,
      s3: stalling,
      sqs,
      persistence: createPersistence(config, () => dynamo),
      conversions: conversionsOf(owner),
      logger: new Logger({ logLevel: 'SILENT' }),
      metrics: new Metrics({ namespace: 'Simulation' }),
      random,
    });
    return { owner, handler };
  }

  function conversionsOf(owner: Owner): Conversions {
    return insteadOfImages(async (source, { renditions, stamp }) => {
      const { key, content } = JSON.parse(Buffer.from(source).toString()) as {
        key: string;
        content: Content;
      };
      if (content === 'poison') deaths.get(owner)?.();
      if (content === 'stalls') stalled.add(key);
      else if (typeof content !== 'number') return new Promise(() => undefined);
      else await clock.sleep(content * 1000);
      observed.conversions.set(key, (observed.conversions.get(key) ?? 0) + 1);
      return renditions.map((rendition) => textResult(rendition, `${key} of ${stamp}`));
    });
  }

  const lanes = [
    { queue: world.conversion, batchSize: timing.batchSize, free: concurrency.conversion },
    { queue: world.retry, batchSize: SETTINGS.retryBatchSize, free: concurrency.retry },
  ].map((lane) => ({ ...lane, events: eventQueue(world.sqs, noJournal, lane.queue.arn, 'us-east-1') }));

  function invoke(lane: (typeof lanes)[number], records: SQSRecord[]): void {
    lane.free -= 1;
    const process = idle.pop() ?? start();
    const { owner } = process;
    const begunAt = clock.now();
    const deadline = begunAt + timing.functionTimeoutSeconds * 1000;
    const over = () => {
      clearTimeout(timeout);
      deaths.delete(owner);
      lane.free += 1;
    };
    const timeout = setTimeout(() => {
      observed.timeouts += 1;
      over();
      steps.bury(owner);
    }, deadline - begunAt);
    deaths.set(owner, () => {
      observed.killed.push(records.length - 1);
      over();
      steps.bury(owner);
    });
    const context = {
      awsRequestId: `${owner.name}, ${begunAt}`,
      functionName: 'worker',
      getRemainingTimeInMillis: () => deadline - clock.now(),
    } as Context;
    void (async () => {
      const response = await process.handler({ Records: records }, context);
      if (!owner.alive) return;
      over();
      idle.push(process);
      const failed = failedMessages(
        response,
        records.map(({ messageId }) => messageId),
      );
      const seconds = (clock.now() - begunAt) / 1000;
      observed.invocations.push({ messages: records.length, failed: failed.size, seconds });
      lane.events.delete(records.filter(({ messageId }) => !failed.has(messageId)));
    })();
  }

  function poll(): boolean {
    const lane = lanes.find(({ queue, free }) => free > 0 && queue.visible() > 0);
    const records = lane?.events.receive(lane.batchSize) ?? [];
    if (lane !== undefined && records.length > 0) invoke(lane, records);
    return lane !== undefined;
  }

  /** Advances until a timer fires or a hidden message can be received. */
  function toNextEvent(): boolean {
    const hidden = lanes.flatMap(({ queue }) => [...queue.all()].map(({ visibleAt }) => visibleAt));
    const next = Math.min(...hidden.filter((visibleAt) => visibleAt > clock.now()));
    return clock.moveToTimer(next) || next !== Number.POSITIVE_INFINITY;
  }

  return {
    world,
    timing,
    observed,
    upload(key: string, content: Content) {
      world.put(world.uploads, key, Buffer.from(JSON.stringify({ key, content })));
    },
    /** Runs until no receivable message is left. */
    async rest(): Promise<void> {
      for (;;) {
        const { visible, inFlight, delayed } = world.retry.counts();
        observed.mostInRetry = Math.max(observed.mostInRetry, visible + inFlight + delayed);
        if (steps.waiting > 0) steps.takeOne();
        else if (!poll() && !toNextEvent()) return;
        await settled();
      }
    },
  };
}
