import { CommandError, EXIT } from '../exit-codes.ts';
import { byteCount, count } from '../format.ts';
import { print, printJson } from '../output.ts';

/** What became of the files of an upload. */
interface Tally {
  files: number;
  uploaded: number;
  skipped: number;
  /** They failed before they were in the bucket. */
  notUploaded: number;
  converted: number;
  failed: number;
  bytes: number;
  pending: number;
  seconds: number;
}

/**
 * Says what became of an upload, and with what exit code the command ends.
 * @param interrupted how to go on, when it was
 */
export function conclude(
  tally: Tally,
  { json, wait }: { json?: true; wait?: true },
  interrupted: string | false,
): void {
  const { uploaded, skipped, notUploaded, converted, failed, bytes, pending, seconds, files } = tally;
  // Those that were there already are followed too: the four counts add up.
  const counts = wait
    ? { uploaded: converted + failed + pending, converted, failed, pending }
    : { uploaded, skipped, failed };
  if (json) printJson({ type: 'summary', ...counts, ...(wait ? { skipped } : {}), bytes, seconds });
  else {
    const ends = wait ? `, ${count(converted)} converted, ${count(pending)} pending` : '';
    print(
      `${count(uploaded)} uploaded (${byteCount(bytes)}), ${count(skipped)} skipped${ends}, ${count(failed)} failed in ${seconds} s`,
    );
  }
  if (interrupted !== false) {
    const begun = uploaded + skipped + notUploaded;
    throw new CommandError(
      EXIT.interrupted,
      `interrupted with ${count(files - begun)} files not uploaded; ${interrupted}`,
    );
  }
  if (pending > 0)
    throw new CommandError(EXIT.stillPending, `${count(pending)} were still pending when the wait ended`);
  if (failed > 0) process.exitCode = EXIT.someFailed;
}
