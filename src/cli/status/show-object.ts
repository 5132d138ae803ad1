import { objectStatus, type ObjectStatus } from '../../ops/object-status.ts';
import type { Connection } from '../connection.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { count, printable, quantity } from '../format.ts';
import { print, printJson } from '../output.ts';

/**
 * Returns the status of the object with exactly this key, in whichever upload bucket it is. A folder placeholder does
 * not count: its key is the prefix of the uploads in the folder.
 */
export async function findObject(
  { s3, deployment }: Connection,
  key: string,
): Promise<ObjectStatus | undefined> {
  for (const bucket of deployment.uploadBuckets) {
    const status = await objectStatus(s3, deployment, { bucket, key });
    const isFolder = status.status === 'ignored' && key.endsWith('/');
    if (status.status !== 'unknown' && !isFolder) return status;
  }
  return undefined;
}

/** Set after each check, of which `--watch` makes several. */
const EXIT_OF = {
  converted: EXIT.ok,
  failed: EXIT.someFailed,
  pending: EXIT.stillPending,
  ignored: EXIT.ok,
  unknown: EXIT.someFailed,
} as const satisfies Record<ObjectStatus['status'], ExitCode>;

/** Prints the status of one object. @returns whether it is final */
export function showObject(status: ObjectStatus, json: true | undefined): boolean {
  process.exitCode = EXIT_OF[status.status];
  if (json) printJson({ type: 'object', basis: 'objects', ...status });
  else print(describe(status));
  return status.status !== 'pending';
}

function describe(status: ObjectStatus): string {
  const lines = [`${printable(status.key)}: ${status.status}`];
  if (status.status === 'converted') {
    if (status.stale)
      lines.push('  under an older recipe: `millrace backfill KEY --stale` converts it again');
    for (const { rendition, key, contentType, bytes, width, height } of status.results) {
      const size = width === undefined || height === undefined ? [] : [`${width} x ${height}`];
      const parts = [rendition, printable(key), contentType, ...size, `${count(bytes)} bytes`];
      lines.push(`  ${parts.join('  ')}`);
    }
  }
  if (status.status === 'ignored') lines.push('  nothing to convert: the recipe ignores this name');
  if (status.status === 'failed') {
    const { code, message, attempts, at, logGroup, logStream, requestId } = status;
    lines.push(
      `  ${code}: ${printable(message)}`,
      `  after ${quantity(attempts, 'attempt')}, at ${at}`,
      `  logs: ${logGroup} ${logStream}, request ${requestId}`,
    );
  }
  return lines.join('\n');
}
