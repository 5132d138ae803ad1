import type { Former, Orphan } from '../../ops/orphans/orphan.ts';
import type { Connection } from '../connection.ts';
import { printable } from '../format.ts';
import { hint, print, printJson } from '../output.ts';
import { hintUnknown, NOTHING_FOUND, type Search } from './found.ts';

/** Lists what can be deleted: `millrace status --orphans` and `--former`. */
export async function listFound(
  pipeline: Connection,
  prefix: string,
  search: Search,
  { json }: { json?: true },
): Promise<void> {
  const found = { ...NOTHING_FOUND };
  for await (const each of search.find(pipeline, prefix, found)) printFound(each, json);
  if (json) return printJson({ type: 'summary', basis: 'objects', ...found });
  print(search.describe(found));
  const areDeleted = search.option === '--orphans' && pipeline.deployment.whenDeleted === 'delete';
  if (areDeleted && found.results + found.reports > 0)
    hint('the next reconciliation queues them for deletion');
  hintUnknown(search, found);
}

export function printFound(each: Orphan | Former, json: true | undefined): void {
  const { type, kind, bucket, key, source, bytes } = each;
  if (!json) return print(printable(`s3://${bucket}/${key}`));
  const former = each.type === 'former' ? { rendition: each.rendition } : {};
  printJson({ type, kind, bucket, key, source, ...former, bytes });
}
