import { LIMITS } from '../contract/limits.ts';
import type { UploadAnswer } from '../contract/types.ts';
import { defined } from '../core/defined.ts';
import { utf8Bytes } from '../core/keys.ts';
import { ApiError } from './api-error.ts';
import type { Client } from './client.ts';
import type { Source } from './source.ts';

/** The response contains each file's name and key, and Lambda's maximum response is 6 MB. */
const MAX_BYTES = 3_000_000;

/** A file, and its name in the batch. */
export interface Named<S extends Source> {
  name: string;
  source: S;
}

/** Splits files into groups of one request each. */
export function* requestsOf<F extends { name: string }>(files: readonly F[]): Generator<F[]> {
  let request: F[] = [];
  let bytes = 0;
  for (const file of files) {
    const own = utf8Bytes(JSON.stringify(file.name)) + 100;
    if (request.length === LIMITS.files || (request.length > 0 && bytes + own > MAX_BYTES)) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(file);
    bytes += own;
  }
  if (request.length > 0) yield request;
}

/**
 * Signs for files. Those that the API refuses, such as empty ones, are reported and left out.
 * @returns undefined when it refuses all of them
 * @throws ApiError when the request as a whole is refused
 */
export async function signFiles<S extends Source>(
  client: Client,
  files: readonly Named<S>[],
  batch: string | undefined,
  onRefused: (file: S, what: string) => void,
): Promise<{ signed: UploadAnswer; files: S[] } | undefined> {
  let left = [...files];
  while (left.length > 0) {
    try {
      const described = left.map(({ name, source: { type, size } }) => ({ name, type, size }));
      const signed = await client.createUploads(defined({ batch, files: described }));
      return { signed, files: left.map(({ source }) => source) };
    } catch (error) {
      const refused = error instanceof ApiError ? refusedFiles(error) : new Map<number, string>();
      if (refused.size === 0) throw error;
      for (const [index, what] of refused) {
        const file = left[index];
        if (file !== undefined) onRefused(file.source, what);
      }
      left = left.filter((_, index) => !refused.has(index));
    }
  }
  return undefined;
}

/** Returns the refused files, from their positions in the error, such as `files[3].size`. */
function refusedFiles({ errors }: ApiError): Map<number, string> {
  return new Map(
    errors.flatMap(({ where, what }) => {
      const [, index] = /^files\[(\d+)\]/.exec(where) ?? [];
      return index === undefined ? [] : [[Number(index), what] as const];
    }),
  );
}
