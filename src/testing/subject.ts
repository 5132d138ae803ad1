import { setImmediate } from 'node:timers/promises';
import { defineConfig } from '../core/config.ts';
import type { Conversion, ConversionLimits } from '../core/conversion.ts';
import { defined } from '../core/defined.ts';
import { Rejected, Retryable } from '../core/errors.ts';
import type { RenderImage } from '../worker/conversion/image/render-image.ts';
import { readyRules, tooLarge, type ReadyRule } from '../worker/conversion/rules.ts';
import { runConversion, STILL_RUNNING } from '../worker/conversion/run.ts';
import { summarized, type Made } from './made.ts';
import { watchedScratch } from './scratch.ts';
import type { Source } from './source.ts';
import { withoutUnhandledErrors } from './unhandled-errors.ts';

/** A conversion that is tested, with its options and limits. */
export interface Subject {
  rule: ReadyRule;
  /** Returns how many times its code was interrupted because it blocked the event loop. */
  interruptions(): number;
}

/** Loads sharp only for a conversion that makes images. */
const renderImage: RenderImage = async (...asked) =>
  (await import('../worker/conversion/image/render-image.ts')).renderImage(...asked);

/** How one attempt ended. */
export type Ending = { made: readonly Made[] } | { error: Rejected | Retryable };

/** What one attempt is asked for. By default, all renditions, and what the rule says. */
interface Asked {
  renditions?: readonly string[];
  stamp?: string;
  limits?: Partial<ConversionLimits>;
}

/** How long a conversion may go on after its signal was aborted: longer than in the worker, for slow machines. */
export const GRACE_SECONDS = 10;

/** @throws InvalidRecipe when the options or limits are not valid */
export function createSubject(
  conversion: Conversion,
  { options, limits }: { options: unknown; limits: Partial<ConversionLimits> | undefined },
): Subject {
  const { recipe } = defineConfig({ conversions: [{ conversion, ...defined({ options, limits }) }] });
  const ruleFor = readyRules(recipe, new Map([[conversion.name, conversion]]));
  return { rule: ruleFor('sample'), interruptions: () => 0 };
}

/**
 * Runs the conversion once, as the worker does.
 * @throws Error when it did what no conversion may do, however it ended
 */
export async function attempt(
  { rule: { code, ...rule }, interruptions }: Subject,
  { key, bytes, open }: Source,
  { renditions = rule.renditions, stamp = 'sample.0', limits = {} }: Asked = {},
): Promise<Ending> {
  const limited = { ...rule, limits: { ...rule.limits, ...limits } };
  const error = tooLarge(limited, bytes);
  if (error !== undefined) return { error };
  const before = interruptions();
  const scratch = watchedScratch();
  try {
    const content = await open(code.streams);
    const run = { key, bytes, content, renditions, stamp, scratch, renderImage };
    const onItsOwn = { ...limited, code: { ...code, convert: laterOn(code.convert) } };
    const results = await withoutUnhandledErrors(() => runConversion(onItsOwn, run, GRACE_SECONDS * 1000));
    await scratch.mustBeThere();
    return { made: await Promise.all(results.map(summarized)) };
  } catch (failure) {
    if (!(failure instanceof Rejected || failure instanceof Retryable)) throw failure;
    mustBeAllowed(failure, interruptions() > before);
    return { error: failure };
  } finally {
    await scratch.remove();
  }
}

/** @throws Error when no conversion may fail like this */
function mustBeAllowed({ code, message, cause }: Rejected | Retryable, wasInterrupted: boolean): void {
  if (wasInterrupted) throw new Error('it blocked the event loop until it was interrupted');
  if (code === 'internal.unexpected' || message.includes(STILL_RUNNING)) throw new Error(message, { cause });
}

/** Runs a conversion in a turn of its own: an interruption ends everything that is on the stack. */
function laterOn(convert: Conversion['convert']): Conversion['convert'] {
  return async (job) => {
    await setImmediate();
    return convert(job);
  };
}

/** @throws Error that says how the attempt ended, if not with results */
export function converted(ending: Ending): readonly Made[] {
  if ('made' in ending) return ending.made;
  const { name, code, message } = ending.error;
  const what = name === 'Rejected' ? 'it was rejected' : 'it could not be converted now';
  throw new Error(`${what}: ${code}: ${message}`, { cause: ending.error });
}
