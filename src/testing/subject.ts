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

/** The conversion under test, with its options and limits. */
export interface Subject {
  rule: ReadyRule;
  /** Returns the number of times that its code was interrupted because it blocked the event loop. */
  interruptions(): number;
}

/** Loads sharp only for a conversion that renders images. */
const renderImage: RenderImage = async (...asked) =>
  (await import('../worker/conversion/image/render-image.ts')).renderImage(...asked);

/** The outcome of an attempt. */
export type Ending = { made: readonly Made[] } | { error: Rejected | Retryable };

/** Settings of an attempt. By default, all renditions, and the rule's limits. */
interface Asked {
  renditions?: readonly string[];
  stamp?: string;
  limits?: Partial<ConversionLimits>;
}

/** Time for a conversion to stop after its signal is aborted. Longer than in the worker, for slow machines. */
export const GRACE_SECONDS = 10;

/** @throws InvalidRecipe if the options or limits are invalid */
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
 * @throws Error if the conversion broke a rule, whatever the outcome
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

/** @throws Error if a conversion must not fail this way */
function mustBeAllowed({ code, message, cause }: Rejected | Retryable, wasInterrupted: boolean): void {
  if (wasInterrupted)
    throw new Error(
      'it blocked the event loop and was interrupted; await between steps, or use a worker thread',
    );
  if (code === 'internal.unexpected' || message.includes(STILL_RUNNING)) throw new Error(message, { cause });
}

/** Runs a conversion in a separate turn of the event loop, because an interruption unwinds the whole stack. */
function laterOn(convert: Conversion['convert']): Conversion['convert'] {
  return async (job) => {
    await setImmediate();
    return convert(job);
  };
}

/** @throws Error with the reason if the attempt produced no results */
export function converted(ending: Ending): readonly Made[] {
  if ('made' in ending) return ending.made;
  const { name, code, message } = ending.error;
  const what = name === 'Rejected' ? 'it was rejected' : 'it failed and would be retried';
  throw new Error(`${what}: ${code}: ${message}`, { cause: ending.error });
}
