import * as z from 'zod';
import { seededRandom, type Random } from '@millrace/local-aws/models';

const count = z.int().min(1);
const filter = z.strictObject({ code: z.string().exactOptional(), key: z.string().exactOptional() });

/** Operations on the dead letters with the production code, besides redriving all of them. */
export const operationSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('redrive'),
    /** Run by the command, or by the function that runs the API's redrives, which has a time limit. */
    by: z.enum(['command', 'runner']),
    filter,
    canary: count.exactOptional(),
    /** Messages per second. */
    rate: count.exactOptional(),
    stopIfFailing: z.number().min(0).max(1),
    /** Time limit of each of the runner's invocations, in milliseconds. */
    runMilliseconds: count,
  }),
  /** Cancels all running redrives. */
  z.strictObject({ type: z.literal('cancel') }),
  /** Presses Ctrl-C in all running redrive and purge commands. */
  z.strictObject({ type: z.literal('interrupt') }),
  z.strictObject({ type: z.literal('purge'), filter }),
  /** Archives dead letters of this age. */
  z.strictObject({ type: z.literal('archive'), olderThanSeconds: z.int().min(0) }),
  /** Lists the dead letters, which temporarily hides them. */
  z.strictObject({ type: z.literal('list') }),
]);
export type Operation = z.infer<typeof operationSchema>;
export type RedriveOperation = Extract<Operation, { type: 'redrive' }>;

/** More keys than in other scenarios, for more dead letters. One is in an API batch. */
export const OPERATED_KEYS = ['d.jpg', 'batches/20260101-00000000000000000000000000000000/e.jpg'];
const SHARE = 0.15;
const MOST_OPERATIONS = 4;
const MOST_UPLOADS = 8;

interface Plan {
  /** The first uploads, most of them bad, so that operators have dead letters to work on. */
  uploads: { key: string; content: 'bad' | 'poison' | 'X' }[];
  /** `at` is each one's position among the actions, from 0 to 1. */
  operations: { at: number; operation: Operation }[];
}

/**
 * Returns the operations in a scenario; undefined in most. Drawn separately, so that it changes nothing else in a
 * scenario.
 */
export function planOperations(seed: number, keys: readonly string[]): Plan | undefined {
  const random = seededRandom(seed ^ 0x2f0b4c35);
  if (random() >= SHARE) return undefined;
  const all = [...keys, ...OPERATED_KEYS];
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T;
  const several = <T>(most: number, draw: () => T) =>
    Array.from({ length: 1 + Math.floor(random() * most) }, draw);
  return {
    uploads: several(MOST_UPLOADS, () => ({
      key: pick(all),
      content: pick(['bad', 'bad', 'bad', 'X', random() < 0.3 ? 'poison' : 'bad'] as const),
    })),
    operations: several(MOST_OPERATIONS, () => ({
      at: Math.sqrt(random()),
      operation: drawn(random, all),
    })),
  };
}

function drawn(random: Random, keys: readonly string[]): Operation {
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T;
  const filterOf = () =>
    pick([{}, {}, {}, { key: pick(keys) }, { code: pick(['image.corrupt', 'text.bad', 'process.died']) }]);
  const draw = random();
  if (draw < 0.5) {
    return {
      type: 'redrive',
      by: pick(['command', 'runner']),
      filter: filterOf(),
      ...(random() < 0.4 ? { canary: pick([1, 2]) } : {}),
      ...(random() < 0.4 ? { rate: pick([1, 2, 5]) } : {}),
      stopIfFailing: pick([0, 0.2, 0.5, 1]),
      runMilliseconds: pick([120_000, 840_000]),
    };
  }
  if (draw < 0.62) return { type: 'cancel' };
  if (draw < 0.67) return { type: 'interrupt' };
  if (draw < 0.8) return { type: 'purge', filter: filterOf() };
  if (draw < 0.93) return { type: 'archive', olderThanSeconds: pick([0, 60, 3600]) };
  return { type: 'list' };
}
