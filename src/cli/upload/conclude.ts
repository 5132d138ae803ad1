import { CommandError, EXIT } from '../exit-codes.ts';
import { byteCount, count, quantity } from '../format.ts';
import { print, printJson } from '../output.ts';

/** The outcomes of an upload's files. */
interface Tally {
  files: number;
  uploaded: number;
  skipped: number;
  /** Files that failed before they were in the bucket. */
  notUploaded: number;
  converted: number;
  failed: number;
  /** Files with nothing to convert. */
  ignored: number;
  /** Uploads that were deleted before they had an outcome. */
  gone: number;
  bytes: number;
  pending: number;
  seconds: number;
}

/** Returns the counts of an upload before its first file. */
export function newTally(): Omit<Tally, 'files' | 'pending' | 'seconds'> {
  return {
    uploaded: 0,
    skipped: 0,
    notUploaded: 0,
    converted: 0,
    failed: 0,
    ignored: 0,
    gone: 0,
    bytes: 0,
  };
}

/**
 * Prints the outcome of an upload and sets the exit code.
 * @param interrupted how to continue, if the upload was interrupted
 */
export function conclude(
  tally: Tally,
  { json, wait }: { json?: true; wait?: true },
  interrupted: string | false,
): void {
  const { uploaded, skipped, notUploaded, bytes, seconds, files } = tally;
  const { converted, failed, pending, ignored, gone } = tally;
  // Skipped files are followed too, so that the counts add up.
  const counts = wait
    ? { uploaded: converted + failed + pending + ignored + gone, converted, failed, pending, ignored, gone }
    : { uploaded, skipped, failed };
  if (json) printJson({ type: 'summary', ...counts, ...(wait ? { skipped } : {}), bytes, seconds });
  else {
    const rest = [ignored > 0 ? `, ${count(ignored)} ignored` : '', gone > 0 ? `, ${count(gone)} gone` : ''];
    const ends = wait ? `, ${count(converted)} converted, ${count(pending)} pending${rest.join('')}` : '';
    print(
      `${count(uploaded)} uploaded (${byteCount(bytes)}), ${count(skipped)} skipped${ends}, ${count(failed)} failed in ${seconds} s`,
    );
  }
  if (interrupted !== false) {
    const begun = uploaded + skipped + notUploaded;
    throw new CommandError(
      EXIT.interrupted,
      `interrupted with ${quantity(files - begun, 'file')} not uploaded; ${interrupted}`,
    );
  }
  if (pending > 0)
    throw new CommandError(
      EXIT.stillPending,
      `${quantity(pending, 'upload')} still pending when the wait ended`,
    );
  if (failed > 0) process.exitCode = EXIT.someFailed;
}
