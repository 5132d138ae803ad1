import { seededRandom } from '@millrace/local-aws/models';
import { SETTINGS } from '../../src/core/settings.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import { act } from './actions.ts';
import { createOperatorClient } from './clients.ts';
import { virtualClock } from './clock.ts';
import type { Coverage } from './coverage.ts';
import { createDeadLetterCheck } from './dead-letter-check.ts';
import { createDeployments } from './deployments.ts';
import { createFaults } from './faults.ts';
import { createInvariants } from './invariants.ts';
import { createInvocations } from './invocations.ts';
import { createLambda } from './lambda.ts';
import { createLocalLambda } from './local-event-sources.ts';
import { backfill } from './operations/backfill.ts';
import { createOperations } from './operations/operations.ts';
import { createRedriveAll, type Moved } from './operations/redrive-all.ts';
import { createScheduledReconciliation } from './operations/scheduled-reconciliation.ts';
import { createOperators } from './operators.ts';
import { createRemovals } from './orphans/removals.ts';
import { createRemoved } from './orphans/removed.ts';
import { createRepeatCheck } from './repeat-check.ts';
import { createRestChecks } from './rest-checks.ts';
import type { Scenario } from './scenario.ts';
import { createChoose } from './schedule.ts';
import { createScheduler } from './scheduler.ts';
import { createSecondLooks } from './second-looks.ts';
import { createSteps } from './steps.ts';
import { createViews } from './views/views.ts';
import { startProcess } from './worker-process.ts';
import { createWorld } from './world.ts';
import { TIMING } from '../support/timing.ts';

export interface Run {
  /** The violation, if any. */
  violation?: string;
  /** The keys in the dead-letter queue when the run first came to rest. */
  deadLettered: string[];
  /** Dead letters that were redriven before the run first came to rest. */
  redriven: Moved;
  steps: number;
  faults: number;
  coverage: Coverage;
  /** One line per step, if requested. */
  trace: string[];
}

const MOST_REPEATED = 4;
/** Longer than all of a message's receives can take. */
const LONG_MILLISECONDS = SETTINGS.maxReceiveCount * TIMING.visibilityTimeoutSeconds * 1000;

/** Most runs with restored versions, of which S3 does not notify, all runs with changing rules, and a few others. */
function reconcilesBySchedule({ seed, actions, deleting, configurations }: Scenario): boolean {
  if (deleting || configurations !== undefined) return true;
  const comesBack = actions.some(({ kind }) => kind === 'delete version' || kind === 'undelete');
  return seed % 8 === 0 || (comesBack && seed % 4 !== 0);
}

/**
 * Whether a worker may continue after its message was received again. If it then dies, reconciliation finds the rest.
 */
function canOutliveMessages({ rates }: Scenario): boolean {
  return rates.receivedTwice > 0 || rates.slow > 0;
}

/**
 * Runs the production worker through a scenario until it is at rest. Then fixes the causes of all rejections and
 * crashes and redrives the dead letters. Before and after that, repeats some notifications. Call within
 * `withVirtualTime`.
 */
export async function simulate(scenario: Scenario, { traced = false } = {}): Promise<Run> {
  const random = seededRandom(scenario.seed ^ 0x5bd1e995);
  const clock = virtualClock();
  const faults = createFaults(scenario, random);
  const steps = createSteps(createChoose(scenario.schedule, random), random);
  const world = createWorld({ scenario, clock, faults, random });
  const deployments = createDeployments(scenario, world, random);
  const { config } = deployments.current;
  const secondLooks = createSecondLooks(world, deployments);
  const removed = createRemoved(world, deployments);
  const invariants = createInvariants(world, deployments, secondLooks, removed);
  const acknowledgements = createAcknowledgements(world, invariants, removed, secondLooks);
  const s3 = createOperatorClient(world);
  const deadLetters = createDeadLetterCheck(world, s3, config);
  const checks = createRestChecks({ world, s3, deployments, invariants, deadLetters, removed });
  const repeats = createRepeatCheck({ world, s3, deployments });
  const onViolation = (text: string) => void (violation ??= text);
  const operators = createOperators({
    world,
    steps,
    faults,
    deployment: () => deployments.current.config,
    onViolation,
  });
  const redriveAll = createRedriveAll(world);
  const operations = createOperations({
    seed: scenario.seed,
    active: scenario.actions.some(({ kind }) => kind === 'operation'),
    world,
    steps,
    operators,
    invariants,
    deployments,
  });
  const views = createViews({ world, deployments, operators, onViolation });
  const removals = createRemovals({ world, steps, operators, removed, onViolation });
  const scheduledReconciliation = createScheduledReconciliation({ seed: scenario.seed, world, operators });
  const redrive = () => operators.start('redrives all dead letters', redriveAll.run);
  const reconcile = (failed: boolean) =>
    operators.start(
      `runs a backfill of all ${failed ? 'but what is current' : 'that is pending or stale'}`,
      backfill({ stale: true, failed }),
    );
  const trace: string[] = [];
  let violation: string | undefined;
  let mended = false;
  const invocations = createInvocations({ world, steps, acknowledgements, secondLooks, onViolation });
  const lambda = (scenario.localEventSources ? createLocalLambda : createLambda)({
    world,
    steps,
    faults,
    random,
    batchSize: scenario.batchSize,
    concurrency: scenario.concurrency,
    invocations,
    next: () => deployments.next(),
    start: (name, deployed) =>
      startProcess({
        name,
        deployed,
        world,
        steps,
        faults,
        random,
        stamped: scenario.stamped,
        conversionSeconds: scenario.conversionSeconds,
        secondLooks,
        removed,
        mended: () => mended,
        onPoison: invocations.kill,
      }),
    acknowledgements,
    secondLooks,
    onViolation,
  });
  const scheduler = createScheduler({
    scenario,
    world,
    steps,
    faults,
    lambda,
    operators,
    random,
    check() {
      acknowledgements.look();
      return lambda.check() ?? operations.check() ?? invariants.check() ?? deadLetters.check();
    },
    violated(text) {
      violation ??= text;
      return violation !== undefined;
    },
    onStep: (line) => void (traced && trace.push(line)),
  });
  const { rest } = scheduler;

  const actors = {
    world,
    operators,
    redriveAll,
    operations,
    views,
    removals,
    invariants,
    acknowledgements,
    deployments,
    lambda,
  };
  await rest(scenario.actions.map((action) => () => act(action, actors)));
  const redriven = { ...redriveAll.moved };
  const deadLettered = [...world.dead.all()].flatMap(({ body }) =>
    world.messageContents.of(body).map(({ key }) => key),
  );
  violation ??= operations.checkRecords() ?? checks.unconverted() ?? (await deadLetters.checkReasons());
  // An outdated worker deletes the results that its configuration names; reconciliation finds the others.
  if (!canOutliveMessages(scenario) && scenario.configurations === undefined)
    violation ??= checks.leftBehind();
  if (scenario.configurations !== undefined) violation ??= await checks.misshown();
  // Nothing is fixed yet, and faults may affect the redrive itself: moved messages come back with their reasons.
  if (world.dead.counts().visible > 0) await rest([redrive]);
  clock.moveTo(clock.now() + LONG_MILLISECONDS);
  violation ??= checks.unconverted() ?? (await deadLetters.checkReasons()) ?? (await checks.unreported());
  for (const day of operations.ageing()) await rest([day]);
  faults.end();
  deployments.finish();
  if (reconcilesBySchedule(scenario)) {
    clock.moveTo(clock.now() + SETTINGS.reconcileAfterSeconds * 1000);
    await rest([scheduledReconciliation]);
    violation ??= checks.unsettled() ?? checks.leftBehind();
  }
  for (const key of world.history.keys())
    if (invariants.isConverted(key) && !invariants.isUpToDate(key))
      world.met('a stale result that a backfill found');
  await rest([() => reconcile(false)]);
  clock.moveTo(clock.now() + LONG_MILLISECONDS);
  violation ??= await checks.unreconciled();
  await repeat(false);
  if (violation === undefined) {
    mended = true;
    for (const part of operations.recovery()) {
      await rest(part);
      violation ??= operations.checkRecords();
    }
    await rest([redrive]);
    violation ??= deadLetters.checkMended() ?? (await checks.unmended());
    await rest([() => reconcile(true)]);
    violation ??= await checks.unfinished();
  }
  await repeat(true);
  return {
    ...(violation === undefined ? {} : { violation }),
    deadLettered,
    redriven,
    steps: scheduler.taken,
    faults: faults.struck,
    coverage: world.coverage,
    trace,
  };

  /** Sends some notifications again, in any envelope, and checks that nothing visible changes. */
  async function repeat(afterMending: boolean): Promise<void> {
    if (violation !== undefined) return;
    const any = () => world.notifications[Math.floor(random() * world.notifications.length)];
    const bodies = Array.from({ length: 1 + Math.floor(random() * MOST_REPEATED) }, any).filter(
      (body) => body !== undefined,
    );
    // Often, the idempotency records have expired by then.
    if (random() < 0.5) world.table.forget();
    const before = await repeats.look();
    const letters = [...world.dead.all()].length;
    await rest(
      bodies.map((body) => () => {
        world.sendNotification(body);
        return 'a notification is repeated';
      }),
    );
    clock.moveTo(clock.now() + LONG_MILLISECONDS);
    violation ??= repeats.difference(before, await repeats.look());
    if (afterMending && [...world.dead.all()].length !== letters)
      violation ??= 'a repeated notification became a dead letter although everything is mended';
  }
}
