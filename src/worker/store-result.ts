import { stat } from 'node:fs/promises';
import type { Expected } from '../core/compare-and-set.ts';
import { defined } from '../core/defined.ts';
import { Retryable } from '../core/errors.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { StoredResult } from '../core/outcome.ts';
import type { Extensions } from '../core/result-name.ts';
import {
  appearanceOf,
  readResultMetadata,
  sourceNameOf,
  writeResultMetadata,
} from '../core/result-metadata.ts';
import type { SourceIdentity } from '../core/source.ts';
import type { Config } from './config.ts';
import type { ReadyResult } from './conversion/spool.ts';
import type { Storage } from './storage.ts';

/** What a result derives from. */
interface Origin {
  object: ObjectRef;
  source: SourceIdentity;
  stamp: string;
  /** Whether the results' bytes contain it. */
  stamped: boolean;
  /** File name extensions, by rendition. */
  extensions: Extensions | undefined;
}

/**
 * Stores one result if its key still holds what is expected. If there is no response, the stamp in the stored
 * metadata shows whether the write took effect: it is that of the last write even if the bytes, and so the ETag,
 * equal those of the write before.
 * @returns `lost` if another writer was faster; the error if it is not known what the key holds
 */
export async function storeResult(
  { config, storage }: { config: Config; storage: Storage },
  { object, source, stamp, stamped, extensions }: Origin,
  { rendition, contentType, body, metadata: own = {} }: ReadyResult,
  { key, expected }: { key: string; expected: Expected },
): Promise<StoredResult | 'lost' | Retryable> {
  const metadata = {
    sourceName: sourceNameOf(object),
    ...defined({ sourceVersionId: source.versionId }),
    sourceEtag: source.etag.replaceAll('"', ''),
    recipe: config.recipeId,
    generation: config.generation,
    stamp,
    stamped,
    rendition,
    ...defined({ extension: extensions?.[rendition] }),
    ...appearanceOf(own),
  };
  const made = { body, contentType, metadata: { ...own, ...writeResultMetadata(metadata) } };
  const bytes = body instanceof Uint8Array ? body.byteLength : (await stat(body.file)).size;
  const result = { rendition, key, contentType, bytes, ...appearanceOf(own) };
  let answer: 'lost' | Retryable;
  try {
    if ((await storage.putIf(expected, config.resultBucket, key, made)) !== 'lost') return result;
    answer = 'lost';
  } catch (error) {
    if (!(error instanceof Retryable)) throw error;
    answer = error;
  }
  const now = readResultMetadata((await storage.head(config.resultBucket, key))?.metadata);
  return now?.stamp === stamp ? result : answer;
}
