import { ENV } from '../../src/core/env.ts';
import { seededRandom } from '../../src/local/random.ts';
import { SETTINGS } from '../../src/core/settings.ts';
import { readConfig } from '../../src/worker/config.ts';
import { BUCKETS } from '../../src/local/resources.ts';
import { resultKey } from '../../src/core/keys.ts';
import { createOperatorClient } from './clients.ts';
import { virtualClock } from './clock.ts';
import { createDeadLetterCheck } from './dead-letter-check.ts';
import { createFaults } from './faults.ts';
import { createInvariants } from './invariants.ts';
import { createLambda } from './lambda.ts';
import { keysIn } from './messages.ts';
import { act } from './actions.ts';
import { createRedriveAll, type Moved } from './operations/redrive-all.ts';
import { createOperators } from './operators.ts';
import { envelope } from './envelopes.ts';
import { createRepeatCheck } from './repeat-check.ts';
import { createRestChecks } from './rest-checks.ts';
import type { Scenario } from './scenario.ts';
import { createChoose } from './schedule.ts';
import { createSteps, settled } from './steps.ts';
import { passTime } from './time.ts';
import { startProcess } from './worker-process.ts';
import { createWorld } from './world.ts';
import { TIMING } from '../support/timing.ts';

export interface Run {
  /** What did not hold, if anything. */
  violation?: string;
  /** The keys in the dead-letter queue when the run first came to rest. */
  deadLettered: string[];
  /** Dead letters that were redriven before the run first came to rest. */
  redriven: Moved;
  steps: number;
  faults: number;
  /** One line a step, when it was asked for. */
  trace: string[];
}

/** More than any run needs to come to rest: to begin with, and for each action. */
const MOST_STEPS = { base: 20_000, action: 500 };
/** A little time passes now and then while others work. */
const CHANCE_OF_TIME = 0.03;
const HASTE_AT_REST = 3;
const MOST_REPEATED = 4;
/** Longer than all receives of a message can take. */
const LONG_MILLISECONDS = SETTINGS.maxReceiveCount * TIMING.visibilityTimeoutSeconds * 1000;

/**
 * Runs the production worker through a scenario, to its rest. Then the causes of all rejections and crashes are
 * mended and the dead letters redriven. Before and after that, some notifications are repeated. Call it within `withVirtualTime`.
 */
export async function simulate(scenario: Scenario, { traced = false } = {}): Promise<Run> {
  const random = seededRandom(scenario.seed ^ 0x5bd1e995);
  const clock = virtualClock();
  const faults = createFaults(scenario, random);
  const steps = createSteps(createChoose(scenario.schedule, random), random);
  const world = createWorld({ scenario, clock, faults, random });
  const config = configOf(scenario);
  const { uploadBuckets, recipe } = config;
  const resultKeysOf = (key: string) =>
    recipe.renditions.map(({ name }) =>
      resultKey({ bucket: BUCKETS.uploads, key }, name, { uploadBuckets, renditions: recipe.renditions }),
    );
  const invariants = createInvariants(world, resultKeysOf);
  const s3 = createOperatorClient(world);
  const deadLetters = createDeadLetterCheck(world, s3, config);
  const checks = createRestChecks({ world, s3, config, invariants, deadLetters });
  const repeats = createRepeatCheck({ world, s3, config });
  const deployment = { ...config, renditions: recipe.renditions.map(({ name }) => name) };
  const operators = createOperators({ world, steps, faults, deployment: () => deployment });
  const redriveAll = createRedriveAll(world);
  const redrive = () => operators.start('redrives all dead letters', redriveAll.run);
  const trace: string[] = [];
  let violation: string | undefined;
  let mended = false;
  let taken = 0;
  const mostSteps = MOST_STEPS.base + MOST_STEPS.action * scenario.actions.length;
  const lambda = createLambda({
    world,
    steps,
    faults,
    random,
    batchSize: scenario.batchSize,
    concurrency: scenario.concurrency,
    start: (name) =>
      startProcess({
        name,
        config,
        world,
        steps,
        faults,
        random,
        mended: () => mended,
        onPoison: (process) => lambda.kill(process),
      }),
    onViolation: (text) => void (violation ??= text),
  });

  /** Lets things happen until nothing is left that could. */
  async function rest(actions: (() => string)[]): Promise<void> {
    const remaining = [...actions];
    while (violation === undefined) {
      const line = next(remaining);
      if (line === undefined) return;
      if (traced) trace.push(line);
      await settled();
      taken += 1;
      violation ??= invariants.check() ?? deadLetters.check();
      if (taken > mostSteps) violation ??= 'it does not come to rest';
    }
  }

  function next(remaining: (() => string)[]): string | undefined {
    const busy = lambda.busy();
    const mortal = [...busy, ...operators.busy()];
    if (mortal.length > 0 && faults.strikes('crash')) {
      const process = mortal[Math.floor(random() * mortal.length)];
      if (process !== undefined) {
        if ('disturbed' in process) {
          process.disturbed = true;
          lambda.kill(process);
        } else operators.kill(process);
        return `${process.name}: crashes`;
      }
    }
    if (busy.length > 0 && faults.strikes('slow')) return passTime.slowly(world, lambda, random);
    if (faults.strikes('staleLock')) return world.table.holdLocks(3_600_000);
    if (busy.length > 0 && random() < CHANCE_OF_TIME) return passTime.alittle(world, lambda, random);
    const waits = steps.waiting > 0;
    const polls = lambda.canPoll();
    if (remaining.length > 0 && random() < scenario.haste) return remaining.shift()?.();
    if (waits && (!polls || random() < 0.8)) return steps.takeOne();
    if (polls) return lambda.poll();
    if (mortal.length > 0) {
      const line = passTime.toNextEvent(world);
      if (line === undefined) violation ??= `${mortal[0]?.name} waits for nothing, and never ends`;
      return line;
    }
    // Either may come first: what somebody does finds messages that are hidden, or those that became dead letters.
    const acts = remaining.length > 0 && random() < HASTE_AT_REST * scenario.haste;
    return (acts ? undefined : passTime.toNextMessage(world)) ?? remaining.shift()?.();
  }

  const actors = { world, operators, redriveAll, invariants };
  await rest(scenario.actions.map((action) => () => act(action, actors)));
  const redriven = { ...redriveAll.moved };
  const deadLettered = [...world.dead.all()].flatMap(({ body }) => keysIn(body));
  violation ??= checks.unconverted() ?? (await deadLetters.checkReasons());
  // Nothing is mended, and faults may strike the redrive itself: what it moves comes back with its reason.
  if (world.dead.counts().visible > 0) await rest([redrive]);
  clock.moveTo(clock.now() + LONG_MILLISECONDS);
  violation ??= checks.unconverted() ?? (await deadLetters.checkReasons()) ?? (await checks.untold());
  faults.end();
  await repeat(false);
  if (violation === undefined) {
    mended = true;
    await rest([redrive]);
    violation ??= deadLetters.checkMended() ?? (await checks.unmended());
  }
  await repeat(true);
  return {
    ...(violation === undefined ? {} : { violation }),
    deadLettered,
    redriven,
    steps: taken,
    faults: faults.struck,
    trace,
  };

  /** Sends some of all notifications again, in any envelope, and looks whether anybody could notice. */
  async function repeat(afterMending: boolean): Promise<void> {
    if (violation !== undefined) return;
    const any = () => world.notifications[Math.floor(random() * world.notifications.length)];
    const bodies = Array.from({ length: 1 + Math.floor(random() * MOST_REPEATED) }, any)
      .filter((body) => body !== undefined)
      .map((body) => envelope(body, random));
    // Often nothing remembers any more that they were done.
    if (random() < 0.5) world.table.forget();
    const before = await repeats.look();
    const letters = [...world.dead.all()].length;
    await rest(
      bodies.map((body) => () => {
        world.sqs.send(world.conversion, { body });
        return 'a notification is repeated';
      }),
    );
    clock.moveTo(clock.now() + LONG_MILLISECONDS);
    violation ??= repeats.difference(before, await repeats.look());
    if (afterMending && [...world.dead.all()].length !== letters)
      violation ??= 'a repeated notification became a dead letter although everything is mended';
  }
}

export function configOf({ renditions }: Scenario) {
  const names = ['web', 'small'].slice(0, renditions);
  return readConfig({
    [ENV.uploadBuckets]: BUCKETS.uploads,
    [ENV.resultBucket]: BUCKETS.results,
    [ENV.failureBucket]: BUCKETS.failures,
    [ENV.conversionQueueUrl]: 'conversion',
    [ENV.retryQueueUrl]: 'retry',
    [ENV.retryQueueArn]: 'arn:aws:sqs:us-east-1:0:retry',
    [ENV.deadLetterQueueUrl]: 'dead',
    [ENV.idempotencyTable]: 'idempotency',
    [ENV.recipe]: JSON.stringify({ renditions: names.map((name) => ({ name })) }),
    [ENV.generation]: '1',
    [ENV.maxAttempts]: '5',
    [ENV.conversions]: '2',
  });
}
