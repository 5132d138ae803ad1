import * as z from 'zod';
import { seededRandom } from '@millrace/local-aws/models';
import { OPERATED_KEYS } from '../operations/operation.ts';

const STATES = ['converted', 'failed', 'pending'] as const;
const prefix = z.string();

/** A request to the API: `GET /batches/{batch}`, `GET /batches/{batch}/objects` or `GET /objects/{key}`. */
export const viewSchema = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('counts'), prefix }),
  z.strictObject({
    of: z.literal('page'),
    prefix,
    state: z.enum(STATES).exactOptional(),
    after: z.string().exactOptional(),
    limit: z.int().min(1),
  }),
  z.strictObject({ of: z.literal('object'), key: z.string() }),
]);
export type View = z.infer<typeof viewSchema>;
export type PageView = Extract<View, { of: 'page' }>;

const SHARE = 0.2;
const MOST_VIEWS = 3;
/** A batch's prefix in the API has an id. Others have the same meaning to the code behind it, and more uploads. */
const PREFIXES = ['', '', '', 'a', 'batches/20260101-00000000000000000000000000000000/'];

/**
 * Returns the views in a scenario; none in most. `at` is each one's position among the actions, from 0 to 1. Drawn
 * separately, so that it changes nothing else in a scenario.
 */
export function planViews(seed: number, keys: readonly string[]): { at: number; view: View }[] {
  const random = seededRandom(seed ^ 0x1d8af06);
  if (random() >= SHARE) return [];
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T;
  const all = [...keys, ...OPERATED_KEYS];
  const draw = (): View => {
    const kind = random();
    if (kind < 0.3) return { of: 'object', key: pick(keys) };
    if (kind < 0.6) return { of: 'counts', prefix: pick(PREFIXES) };
    return {
      of: 'page',
      prefix: pick(PREFIXES),
      ...(random() < 0.4 ? { state: pick(STATES) } : {}),
      ...(random() < 0.2 ? { after: pick(all) } : {}),
      limit: pick([1, 2, 50]),
    };
  };
  return Array.from({ length: 1 + Math.floor(random() * MOST_VIEWS) }, () => ({
    at: random(),
    view: draw(),
  }));
}
