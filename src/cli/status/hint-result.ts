import { readResultMetadata } from '../../core/result-metadata.ts';
import { head } from '../../ops/object-status.ts';
import type { Connection } from '../connection.ts';
import { printable } from '../format.ts';
import { namedSource } from '../orphans/named-source.ts';
import { hint } from '../output.ts';

/** If the key is a result's, prints its upload on stderr. */
export async function hintResult({ s3, deployment }: Connection, key: string): Promise<void> {
  const { resultBucket, uploadBuckets } = deployment;
  const metadata = readResultMetadata((await head(s3, resultBucket, key))?.Metadata);
  const source = metadata && namedSource(key, metadata, uploadBuckets);
  if (source !== undefined)
    hint(`${printable(key)} is the key of a result; its upload is ${printable(source.key)}`);
}
