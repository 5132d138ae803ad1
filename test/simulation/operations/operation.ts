import * as z from 'zod';
import { seededRandom, type Random } from '@millrace/local-aws/models';

const count = z.int().min(1);
const filter = z.strictObject({ code: z.string().exactOptional(), key: z.string().exactOptional() });

/** What operators do to the dead letters, by the production code, beside the redrive of all of them. */
export const operationSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('redrive'),
    /** By the command, or by the function that runs redrives for the API, whose time is bounded. */
    by: z.enum(['command', 'runner']),
    filter,
    canary: count.exactOptional(),
    /** Messages per second. */
    rate: count.exactOptional(),
    stopIfFailing: z.number().min(0).max(1),
    /** Milliseconds that each invocation of the runner has. */
    runMilliseconds: count,
  }),
  /** Cancels all redrives that run. */
  z.strictObject({ type: z.literal('cancel') }),
  /** Presses Ctrl-C in all redrive and purge commands that run. */
  z.strictObject({ type: z.literal('interrupt') }),
  z.strictObject({ type: z.literal('purge'), filter }),
  /** Archives dead letters of that age. */
  z.strictObject({ type: z.literal('archive'), olderThanSeconds: z.int().min(0) }),
  /** Lists the dead letters, which hides them for a while. */
  z.strictObject({ type: z.literal('list') }),
]);
export type Operation = z.infer<typeof operationSchema>;
export type RedriveOperation = Extract<Operation, { type: 'redrive' }>;

/** More keys than other scenarios have, so that there are more dead letters; one is of a batch of the API. */
export const OPERATED_KEYS = ['d.jpg', 'batches/20260101-00000000000000000000000000000000/e.jpg'];
const SHARE = 0.15;
const MOST_OPERATIONS = 4;
const MOST_UPLOADS = 8;

interface Plan {
  /** Uploads that come first, most of them bad: of what they become, operators have their work. */
  uploads: { key: string; content: 'bad' | 'poison' | 'X' }[];
  /** `at` says where among the actions each comes, from 0 to 1. */
  operations: { at: number; operation: Operation }[];
}

/**
 * What operators do in a scenario; undefined in most. It is drawn apart, so that it changes nothing else in a
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
