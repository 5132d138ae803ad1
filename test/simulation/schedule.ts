import type { Random } from '@millrace/local-aws/models';
import type { Owner } from './steps.ts';

/**
 * How to choose the next waiting step. Uniformly, processes advance concurrently, and none falls far behind. By
 * priorities, one process runs as far as it can until the priorities change: few changes reach most of the orders that
 * expose bugs
 * (https://www.microsoft.com/en-us/research/publication/a-randomized-scheduler-with-probabilistic-guarantees-of-finding-bugs/).
 * With freezing, one process stops while all others continue.
 */
export const SCHEDULES = ['uniform', 'priorities', 'freezing'] as const;
export type Schedule = (typeof SCHEDULES)[number];

/** Returns the index of the next step. There is at least one. */
export type Choose = (steps: readonly { owner: Owner }[]) => number;

const CHANCE_OF_CHANGE = 0.03;
const LONGEST_FREEZE_STEPS = 80;

export function createChoose(schedule: Schedule, random: Random): Choose {
  const below = (limit: number) => Math.floor(random() * limit);
  /** Returns one of the steps whose owners may continue. */
  const among = (steps: readonly { owner: Owner }[], may: (owner: Owner) => boolean) => {
    const indexes = [...steps.keys()].filter((index) => may(steps[index]?.owner as Owner));
    return indexes[below(indexes.length)] ?? below(steps.length);
  };

  switch (schedule) {
    case 'uniform':
      return (steps) => below(steps.length);

    case 'priorities': {
      const priorities = new WeakMap<Owner, number>();
      return (steps) => {
        for (const { owner } of steps) if (!priorities.has(owner)) priorities.set(owner, random());
        const of = (owner: Owner) => priorities.get(owner) ?? 0;
        const highest = Math.max(...steps.map(({ owner }) => of(owner)));
        const chosen = among(steps, (owner) => of(owner) === highest);
        const owner = steps[chosen]?.owner;
        // Below all others, until they have nothing left to do or drop below it.
        if (owner !== undefined && random() < CHANCE_OF_CHANGE) priorities.set(owner, of(owner) - 1);
        return chosen;
      };
    }

    case 'freezing': {
      let frozen: Owner | undefined;
      let left = 0;
      return (steps) => {
        if (left === 0 && random() < CHANCE_OF_CHANGE) {
          frozen = steps[below(steps.length)]?.owner;
          left = 1 + below(LONGEST_FREEZE_STEPS);
        }
        if (left > 0) left -= 1;
        return among(steps, (owner) => left === 0 || owner !== frozen);
      };
    }
  }
}
