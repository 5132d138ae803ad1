import { seededRandom } from '@millrace/local-aws/models';
import type { OpsContext } from '../../../src/ops/context.ts';
import { archiveDeadLetters } from '../../../src/ops/dead-letters/archive.ts';
import { parseCopy } from '../../../src/ops/dead-letters/copy.ts';
import { purgeInto } from '../../../src/ops/dead-letters/export.ts';
import { matchesByMessage } from '../../../src/ops/dead-letters/filter.ts';
import { listDeadLetters } from '../../../src/ops/dead-letters/list.ts';
import { listRecords, requestCancel } from '../../../src/ops/redrive/record.ts';
import type { Deployments } from '../deployments.ts';
import type { Invariants } from '../invariants.ts';
import type { Operators } from '../operators.ts';
import type { Owner, Steps } from '../steps.ts';
import type { World } from '../world.ts';
import { createExpiration } from './expiration.ts';
import { createExportFile } from './export-file.ts';
import { createLedger } from './ledger.ts';
import type { Operation, RedriveOperation } from './operation.ts';
import { operatorTime } from './operator-time.ts';
import { createRedrives } from './redrives.ts';
import { createSightings } from './sightings.ts';

/** Operators working on the dead letters, and the invariants of their operations. */
export interface Operations {
  /** Starts an operation. Returns its description. */
  begin(operation: Operation): string;
  /** Checks the invariants after every step. */
  check(): string | undefined;
  /** Checks the redrives' records while no operation is running. */
  checkRecords(): string | undefined;
  /** Lets days pass at rest, in some of the runs. Each day ends at rest. */
  ageing(): (() => string)[];
  /** After all causes are fixed, redrives all copies, in parts that each end at rest. */
  recovery(): (() => string)[][];
}

interface OperationsDeps {
  seed: number;
  /** Whether the scenario has any of them. Their invariants concern everything from the beginning. */
  active: boolean;
  world: World;
  steps: Steps;
  operators: Operators;
  invariants: Invariants;
  deployments: Deployments;
}

/** A runner that is silent for longer has died. */
const SILENT_MILLISECONDS = 11 * 60_000;
const RECORDS_CHECKED = 100;
const SHARE_THAT_AGES = 0.25;

export function createOperations(deps: OperationsDeps): Operations {
  const { active, world, steps, invariants } = deps;
  const ledger = createLedger(world);
  const sightings = createSightings(world, invariants);
  const objectsOf = (body: string) =>
    world.messageContents.of(body).map(({ key }) => ({ bucket: world.uploads.name, key }));
  const interrupts = new Set<AbortController>();
  let violation: string | undefined;

  function start(what: string, run: (ops: OpsContext, owner: Owner) => Promise<unknown>): string {
    // No two start in the same millisecond, by which the ids of redrives are sorted.
    world.clock.moveTo(world.clock.now() + 1);
    return deps.operators.start(what, (ops, owner) => run({ ...ops, time: operatorTime(owner) }, owner));
  }

  function interruptible(): AbortSignal {
    const controller = new AbortController();
    interrupts.add(controller);
    return controller.signal;
  }

  const ageing = createExpiration({ world, start });
  const redrives = createRedrives({
    world,
    deployments: deps.deployments,
    sightings,
    start,
    interruptible,
    random: seededRandom(deps.seed ^ 0x71c3a5d9),
    onViolation: (text) => void (violation ??= text),
  });

  function purge({ filter }: Extract<Operation, { type: 'purge' }>): string {
    return start(`purges ${JSON.stringify(filter)}`, async (ops, owner) => {
      const file = createExportFile(owner, steps, parseCopy);
      ledger.addExport(file);
      const { taken } = await purgeInto(ops, filter, file, interruptible());
      world.met('a dead letter is purged', taken);
    });
  }

  function archive({ olderThanSeconds }: Extract<Operation, { type: 'archive' }>): string {
    return start(`archives what is older than ${olderThanSeconds} s`, async (ops) => {
      const { taken } = await archiveDeadLetters(ops, olderThanSeconds);
      world.met('a dead letter is archived', taken);
    });
  }

  /** Like the command. */
  function cancel(): string {
    return start('cancels all redrives', async (ops) => {
      const running = (await listRecords(ops, RECORDS_CHECKED)).filter(({ state }) => state === 'running');
      const asked = await Promise.all(running.map(({ id }) => requestCancel(ops, id)));
      world.met('a running redrive is asked to stop', asked.filter(Boolean).length);
    });
  }

  function interrupt(): string {
    for (const controller of interrupts) controller.abort();
    interrupts.clear();
    return 'all commands are interrupted';
  }

  async function list(ops: OpsContext): Promise<void> {
    for await (const letter of listDeadLetters(ops)) if (letter.code === '') violation ??= 'no code';
  }

  function choiceOf({ filter }: RedriveOperation): string[] {
    // The code depends on a report, which changes in the meantime.
    if (filter.code !== undefined) return [];
    return [...world.dead.all()]
      .filter(({ id, body, sentAt }) =>
        matchesByMessage(
          { id, objects: objectsOf(body), sentAt: new Date(sentAt) },
          filter.key === undefined ? {} : { key: filter.key },
        ),
      )
      .map(({ id }) => id);
  }

  return {
    begin(operation) {
      switch (operation.type) {
        case 'redrive':
          return redrives.begin(operation, choiceOf(operation));
        case 'cancel':
          return cancel();
        case 'interrupt':
          return interrupt();
        case 'purge':
          return purge(operation);
        case 'archive':
          return archive(operation);
        case 'list':
          return start('lists the dead letters', list);
      }
    },

    check() {
      if (!active) return undefined;
      sightings.look();
      violation ??= ledger.check() ?? ageing.check();
      return violation;
    },

    checkRecords: () => (active ? redrives.check() : undefined),

    ageing: () => (active && seededRandom(deps.seed ^ 0x3c6ef372)() < SHARE_THAT_AGES ? ageing.days() : []),

    recovery() {
      if (!active) return [];
      const wait = () => {
        world.clock.moveTo(world.clock.now() + SILENT_MILLISECONDS);
        return 'time passes until a silent runner is dead for sure';
      };
      world.met('a dead letter is sent from its copy', ledger.copies().length);
      return [[wait, cancel], [() => redrives.fromArchive()], [() => redrives.fromCopies(ledger.copies())]];
    },
  };
}
