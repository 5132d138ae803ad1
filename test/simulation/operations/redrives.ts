import type { Random } from '@millrace/local-aws/models';
import { REDRIVES_PREFIX } from '../../../src/core/reserved-prefixes.ts';
import type { OpsContext } from '../../../src/ops/context.ts';
import type { DeadLetterCopy } from '../../../src/ops/dead-letters/copy.ts';
import { startJob, type RedriveJob } from '../../../src/ops/redrive/job.ts';
import { redriveRecordSchema, type RedriveRecord } from '../../../src/core/redrive-record.ts';
import { runRedrive } from '../../../src/ops/redrive/run.ts';
import { fromArchive, fromCopies, fromQueue, type Source } from '../../../src/ops/redrive/choose.ts';
import { createRunner } from '../../../src/redrive/runner.ts';
import type { Owner } from '../steps.ts';
import type { Deployments } from '../deployments.ts';
import type { World } from '../world.ts';
import { observed } from './observe.ts';
import type { RedriveOperation } from './operation.ts';
import { watchRedrive, type RedriveWatch } from './redrive-watch.ts';
import type { Sightings } from './sightings.ts';

export interface Redrives {
  /** @param choice ids of the dead letters that it must move */
  begin(operation: RedriveOperation, choice: readonly string[]): string;
  fromArchive(): string;
  fromCopies(copies: readonly DeadLetterCopy[]): string;
  /** Compares all records with what happened. */
  check(): string | undefined;
}

interface RedrivesDeps {
  world: World;
  deployments: Deployments;
  sightings: Sightings;
  random: Random;
  start(what: string, run: (ops: OpsContext, owner: Owner) => Promise<unknown>): string;
  /** A signal that Ctrl-C aborts. */
  interruptible(): AbortSignal;
  onViolation(text: string): void;
}

const ABOUT = { who: 'operator', why: 'simulated', what: 'dead letters' };
/** The time that the runner reserves for starting the next invocation. */
const HAND_ON_MILLISECONDS = 60_000;
/** Lambda may run an asynchronous invocation twice. */
const CHANCE_OF_TWICE = 0.2;

/** Complete redrives by the command and by the runner, each observed from outside. */
export function createRedrives(deps: RedrivesDeps): Redrives {
  const { world, deployments, sightings, random, start, onViolation } = deps;
  const watches: RedriveWatch[] = [];
  const counted = new Set<string>();
  const runs = new Map<RedriveWatch, Owner[]>();

  function watch(
    operation: Pick<RedriveOperation, 'canary' | 'rate' | 'stopIfFailing'>,
    choice: readonly string[],
  ) {
    const created = watchRedrive({ world, deployments, sightings, operation, choice, onViolation });
    watches.push(created);
    runs.set(created, []);
    return created;
  }

  /** Runs a part of a redrive. If it is killed or fails, its record may be incomplete. */
  async function part(watched: RedriveWatch, owner: Owner, run: () => Promise<unknown>): Promise<void> {
    runs.get(watched)?.push(owner);
    try {
      await run();
    } catch (error) {
      watched.broken = true;
      throw error;
    }
  }

  function byCommand(
    what: string,
    sourceOf: (ops: OpsContext) => Source,
    operation: Pick<RedriveOperation, 'canary' | 'rate' | 'stopIfFailing'>,
    choice: readonly string[],
  ): string {
    const watched = watch(operation, choice);
    const { canary, rate, stopIfFailing } = operation;
    return start(what, (plain, owner) =>
      part(watched, owner, async () => {
        const ops = observed(plain, watched.observer());
        const request = {
          ...ABOUT,
          source: sourceOf(ops),
          ...(canary === undefined ? {} : { canary }),
          ...(rate === undefined ? {} : { rate }),
          stopIfFailing,
          wait: true,
        };
        await runRedrive(ops, request, deps.interruptible(), { onFollowed: watched.followed });
      }),
    );
  }

  function byRunner(operation: RedriveOperation, choice: readonly string[]): string {
    const watched = watch(operation, choice);
    const { canary, rate, stopIfFailing, filter } = operation;
    const order = {
      filter,
      ...(canary === undefined ? {} : { canary }),
      ...(rate === undefined ? {} : { rate }),
      stopIfFailing,
    };
    const invoke = (job: RedriveJob): Promise<void> => {
      if (job.run > 0) world.met('a redrive is handed on');
      for (let copy = random() < CHANCE_OF_TWICE ? 2 : 1; copy > 0; copy -= 1) {
        start(`runs redrive job, run ${job.run}`, (plain, owner) =>
          part(watched, owner, () => {
            const ops = observed(plain, watched.observer());
            const deadline = world.clock.now() + operation.runMilliseconds + HAND_ON_MILLISECONDS;
            const context = { getRemainingTimeInMillis: () => deadline - world.clock.now() };
            return createRunner(ops, invoke)(job, context);
          }),
        );
      }
      return Promise.resolve();
    };
    return start(`asks for a redrive, ${JSON.stringify(operation)}`, (ops, owner) =>
      part(watched, owner, async () => {
        const { id } = await startJob(observed(ops, watched.observer()), order, ABOUT, invoke);
        watched.id ??= id;
      }),
    );
  }

  function meet({ state, reason = '' }: RedriveRecord): void {
    if (state === 'handed over') return;
    world.met(
      state === 'running'
        ? 'a record of a redrive says running, and its runner is dead'
        : `a record of a redrive says ${state}`,
    );
    if (reason.includes('had no outcome')) world.met('a redrive is stopped by its canary');
    if (reason.includes('failed again, more than')) world.met('a redrive is stopped by what failed again');
    if (/kept \d+ dead letters? hidden/.test(reason))
      world.met('a redrive met dead letters that others were reading');
  }

  function* records(): Generator<RedriveRecord> {
    for (const key of world.failures.versions.keys()) {
      if (!key.startsWith(REDRIVES_PREFIX)) continue;
      const version = world.current(world.failures, key);
      if (version !== undefined)
        yield redriveRecordSchema.parse(JSON.parse(Buffer.from(world.contentOf(version)).toString()));
    }
  }

  return {
    begin: (operation, choice) =>
      operation.by === 'runner'
        ? byRunner(operation, choice)
        : byCommand(
            `redrives, ${JSON.stringify(operation)}`,
            (ops) => fromQueue(ops, operation.filter),
            operation,
            choice,
          ),

    fromArchive: () =>
      byCommand('redrives the archive', (ops) => fromArchive(ops, {}), { stopIfFailing: 1 }, []),

    fromCopies: (copies) =>
      byCommand('redrives the exports', (ops) => fromCopies(ops, copies), { stopIfFailing: 1 }, []),

    check() {
      const byId = new Map([...records()].map((record) => [record.id, record]));
      for (const watched of watches) {
        const record = byId.get(watched.id ?? '');
        if (runs.get(watched)?.some(({ alive }) => !alive)) watched.broken = true;
        if (record === undefined) continue;
        if (!counted.has(record.id)) meet(record);
        counted.add(record.id);
        const violation = watched.verdict(record);
        if (violation !== undefined) return violation;
      }
      return undefined;
    },
  };
}
