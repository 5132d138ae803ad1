import { listUploadStates } from '../../ops/list-upload-states.ts';
import type { Connection } from '../connection.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { count, printable } from '../format.ts';
import { hintListings } from '../hint-listings.ts';
import { noUploads } from '../no-uploads.ts';
import { hintResult } from './hint-result.ts';
import { print, printJson } from '../output.ts';

/**
 * Counts the uploads with a prefix and, on request, lists those that are missing.
 * @param options.hints whether to print the hint about listings
 * @returns whether none is pending
 */
export async function countUploads(
  pipeline: Connection,
  prefix: string,
  { missing, verify, json, hints }: { missing?: true; verify?: true; json?: true; hints: boolean },
): Promise<boolean> {
  const { s3, deployment } = pipeline;
  const basis = verify ? 'objects' : 'listings';
  const counts = { converted: 0, failed: 0, pending: 0, ignored: 0 };
  let stale = 0;
  for await (const entry of listUploadStates(s3, deployment, prefix, { basis })) {
    const { bucket, key, state, uploadedAt, bytes } = entry;
    counts[state] += 1;
    if (entry.stale) stale += 1;
    if (!missing || state !== 'pending') continue;
    if (json) printJson({ type: 'missing', bucket, key, uploadedAt: uploadedAt.toISOString(), bytes });
    else print(printable(`s3://${bucket}/${key}`));
  }
  const uploaded = counts.converted + counts.failed + counts.pending + counts.ignored;
  process.exitCode = exitCodeOf(counts);
  if (json) printJson({ type: 'summary', basis, uploaded, ...counts, ...(verify ? { stale } : {}) });
  else {
    const { converted, failed, pending, ignored } = counts;
    const nothing = ignored > 0 ? `, ${count(ignored)} ignored` : '';
    const old = verify ? ` (${count(stale)} under an older recipe)` : '';
    print(
      `${count(uploaded)} uploaded, ${count(converted)} converted${old}, ${count(failed)} failed, ${count(pending)} pending${nothing}`,
    );
    if (!verify && hints) hintListings('--verify checks each object');
  }
  if (uploaded === 0 && prefix !== '') {
    await hintResult(pipeline, prefix);
    throw noUploads(prefix);
  }
  return counts.pending === 0;
}

function exitCodeOf({ failed, pending }: { failed: number; pending: number }): ExitCode {
  if (pending > 0) return EXIT.stillPending;
  return failed > 0 ? EXIT.someFailed : EXIT.ok;
}
