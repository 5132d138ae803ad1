import { Metrics } from '@aws-lambda-powertools/metrics';
import { SETTINGS } from '../../../src/core/settings.ts';
import { createGuard } from '../../../src/guard/guard.ts';
import type { OpsContext } from '../../../src/ops/context.ts';
import type { World } from '../world.ts';

/** Days on which only the expiry guard runs, until SQS would delete what it left. */
export interface Ageing {
  /** Returns what happens at the start of each day. */
  days(): (() => string)[];
  /** Returns a violation if the guard let a dead letter expire. */
  check(): string | undefined;
}

interface ExpirationDeps {
  world: World;
  start(what: string, run: (ops: OpsContext) => Promise<unknown>): string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ARCHIVE_AFTER = SETTINGS.archiveAfterSeconds * 1000;
const RETENTION = SETTINGS.deadLetterRetentionSeconds * 1000;
const metrics = new Metrics({ namespace: 'Simulation', serviceName: 'guard' });

export function createExpiration({ world, start }: ExpirationDeps): Ageing {
  const { clock } = world;
  /** Start times of completed runs. */
  const looked: number[] = [];

  function day(milliseconds: number): string {
    clock.moveTo(clock.now() + milliseconds);
    return start('guards the dead letters', async (ops) => {
      const begun = clock.now();
      const { taken } = await createGuard({ ops, metrics, now: () => clock.now() })();
      looked.push(begun);
      world.met('a dead letter is archived in the days before it expires', taken);
    });
  }

  return {
    days() {
      const daily = Math.ceil((RETENTION - ARCHIVE_AFTER) / DAY) + 2;
      return [ARCHIVE_AFTER - DAY, ...Array<number>(daily).fill(DAY)].map((passed) => () => day(passed));
    },

    check() {
      for (const { id, sentAt } of world.dropped) {
        const isSeen = looked.some((at) => at >= sentAt + ARCHIVE_AFTER && at < sentAt + RETENTION - HOUR);
        if (isSeen) return `the dead letter ${id} expired although the guard had looked in time`;
      }
      return undefined;
    },
  };
}
