import type { ConversionJob } from '../../core/conversion.ts';
import { Rejected, Retryable } from '../../core/errors.ts';
import { requestedResult } from '../../core/requested-result.ts';
import { acceptedType, readUntil, type Content } from './content.ts';
import { translateForeignError } from './foreign-error.ts';
import { deadlineIn } from './image/limits.ts';
import type { RenderImage } from './image/render-image.ts';
import type { ReadyRule } from './rules.ts';
import type { Scratch } from './scratch.ts';
import { spooled, type ReadyResult } from './spool.ts';

interface Run {
  key: string;
  bytes: number;
  content: Content;
  /** Names of the renditions to make. */
  renditions: readonly string[];
  stamp: string;
  scratch: Scratch;
  /** For conversions that make images. */
  renderImage: RenderImage;
}

/** Time for a conversion to stop after its signal is aborted. */
const GRACE_MILLISECONDS = 1000;

/** Describes a conversion that did not stop. */
export const STILL_RUNNING = 'did not stop when its signal was aborted';

/**
 * Runs a rule's conversion. Returns its results in the order of the renditions.
 * @param graceMilliseconds how long the conversion may take to stop after its signal is aborted
 * @throws Rejected if this content can never be converted under this rule
 * @throws Retryable for every other failure
 */
export async function runConversion(
  { code, options, limits }: ReadyRule,
  { key, bytes, content, renditions, stamp, scratch, renderImage }: Run,
  graceMilliseconds = GRACE_MILLISECONDS,
): Promise<ReadyResult[]> {
  const contentType = await acceptedType(code, content.head);
  const deadline = deadlineIn(limits.seconds);
  const abort = new AbortController();
  // Not a rejection: a stalled machine would look the same.
  const tooLong = (more = '') =>
    new Retryable('conversion.timeout', `it took longer than ${limits.seconds} s, its limit${more}`);
  const timers = [setTimeout(() => abort.abort(tooLong()), limits.seconds * 1000)];
  const timeout = new Promise<never>((_resolve, reject) => {
    const error = tooLong(`, and ${STILL_RUNNING}`);
    timers.push(setTimeout(() => reject(error), limits.seconds * 1000 + graceMilliseconds));
  });
  try {
    const source = { key, bytes, contentType, ...readUntil(abort.signal, content) };
    const job: ConversionJob<unknown> = {
      source,
      options,
      renditions,
      stamp,
      limits,
      signal: abort.signal,
      scratch: () => scratch.folder(),
      renderImage: async (image, of) => {
        try {
          return await renderImage(image, of, deadline, stamp);
        } catch (error) {
          throw isTimeout(error) ? tooLong() : error;
        }
      },
    };
    // A result's chunks are produced while they are read.
    async function make() {
      const made = await code.convert(job);
      const results = renditions.map((name) => requestedResult(made, name));
      return Promise.all(results.map((result) => spooled(result, scratch)));
    }
    return await Promise.race([make(), timeout]);
  } catch (error) {
    const translated = translateForeignError(error, code.name);
    // An error that the abort caused, such as an AbortError.
    const aborted = abort.signal.aborted && translated.code === 'internal.unexpected';
    throw aborted ? new Retryable('conversion.timeout', tooLong().message, { cause: error }) : translated;
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

const isTimeout = (error: unknown) => error instanceof Rejected && error.code === 'conversion.timeout';
