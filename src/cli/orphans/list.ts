import type { Orphan } from '../../ops/orphans/orphan.ts';
import type { Connection } from '../connection.ts';
import { printable } from '../format.ts';
import { hint, print, printJson } from '../output.ts';
import { countOrphans, describeFound, hintUnknown, NOTHING_FOUND } from './found.ts';

/** Lists results and failure reports whose upload was deleted: `millrace status --orphans`. */
export async function listOrphans(
  pipeline: Connection,
  prefix: string,
  { json }: { json?: true },
): Promise<void> {
  const found = { ...NOTHING_FOUND };
  for await (const orphan of countOrphans(pipeline, prefix, found)) printOrphan(orphan, json);
  if (json) return printJson({ type: 'summary', basis: 'objects', ...found });
  print(describeFound(found));
  if (pipeline.deployment.whenDeleted === 'delete' && found.results + found.reports > 0)
    hint('the next reconciliation queues them for deletion');
  hintUnknown(found);
}

export function printOrphan(
  { type, kind, bucket, key, source, bytes }: Orphan,
  json: true | undefined,
): void {
  if (json) printJson({ type, kind, bucket, key, source, bytes });
  else print(printable(`s3://${bucket}/${key}`));
}
