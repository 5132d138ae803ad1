import { Rejected, Retryable } from '../../../core/errors.ts';
import { corrupt } from './corrupt.ts';
import { messageOf } from '../../../core/message-of.ts';

/** The message of sharp's `timeout`. https://sharp.pixelplumbing.com/api-output#timeout */
const TIMED_OUT = /^timeout: /;
export const TOO_SLOW = 'the conversion took longer than the recipe allows';
const OUT_OF_MEMORY = /out of memory|memory allocation|unable to allocate|malloc/i;
/** libheif reports this as a memory error, but the cause is a header that claims too much. */
const ABSURD_HEADER = /security limit exceeded/i;
const TOO_MANY_PIXELS = /exceeds pixel limit/;

/**
 * Says what an error of sharp means for the object. The format was sniffed before, so whatever a decoder does not
 * like beyond the known cases is damage.
 */
export async function translateSharpError(error: unknown): Promise<Rejected | Retryable> {
  if (error instanceof Rejected || error instanceof Retryable) return error;
  const text = messageOf(error);
  if (TIMED_OUT.test(text)) {
    return new Rejected('conversion.timeout', TOO_SLOW, { cause: error });
  }
  if (OUT_OF_MEMORY.test(text) && !ABSURD_HEADER.test(text)) {
    return new Retryable('internal.unexpected', 'the conversion ran out of memory', { cause: error });
  }
  if (TOO_MANY_PIXELS.test(text)) {
    return new Rejected('image.too_many_pixels', 'the image has more pixels than the recipe allows', {
      cause: error,
    });
  }
  // Most images are sound.
  const { decoderReason } = await import('./decoder-reason.ts');
  return corrupt(decoderReason(text), error);
}
