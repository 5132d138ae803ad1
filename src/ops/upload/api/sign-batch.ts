import { ask, ApiRefusal, type Send } from './client.ts';
import { signedSchema, type Signed } from './answers.ts';

/** A file that is to be uploaded. */
export interface FileToSign {
  path: string;
  name: string;
  bytes: number;
}

/** Files of one call, with the key of each. */
export interface SignedFiles {
  signed: Signed;
  files: (FileToSign & { key: string })[];
}

const TYPE = 'application/octet-stream';
/** What one call takes. */
const MOST_FILES = 10_000;
const MOST_BYTES = 3_000_000;

/** Divides files into what one call takes each. */
export function* callsOf(files: readonly FileToSign[]): Generator<FileToSign[]> {
  let call: FileToSign[] = [];
  let bytes = 0;
  for (const file of files) {
    const own = Buffer.byteLength(JSON.stringify(file.name)) + 100;
    if (call.length === MOST_FILES || (call.length > 0 && bytes + own > MOST_BYTES)) {
      yield call;
      call = [];
      bytes = 0;
    }
    call.push(file);
    bytes += own;
  }
  if (call.length > 0) yield call;
}

/**
 * Signs for files; those that the API will not have, an empty one say, are told of and left out.
 * @returns undefined when it will have none of them
 * @throws ApiRefusal when the whole is refused
 */
export async function signBatch(
  send: Send,
  files: readonly FileToSign[],
  batch: string | undefined,
  stop: AbortSignal,
  onRefused: (file: FileToSign, what: string) => void,
): Promise<SignedFiles | undefined> {
  let left = [...files];
  while (left.length > 0) {
    const body = {
      ...(batch === undefined ? {} : { batch }),
      files: left.map(({ name, bytes }) => ({ name, type: TYPE, size: bytes })),
    };
    try {
      const signed = await ask(send, signedSchema, '/uploads', { method: 'POST', body, stop });
      return {
        signed,
        files: left.map((file, index) => ({ ...file, key: signed.files[index]?.key ?? '' })),
      };
    } catch (error) {
      const refused = error instanceof ApiRefusal ? refusedFiles(error) : new Map<number, string>();
      if (refused.size === 0) throw error;
      for (const [index, what] of refused) {
        const file = left[index];
        if (file !== undefined) onRefused(file, what);
      }
      left = left.filter((_, index) => !refused.has(index));
    }
  }
  return undefined;
}

/** The files that a refusal speaks of, by their places: `files[3].size`. */
function refusedFiles({ errors }: ApiRefusal): Map<number, string> {
  return new Map(
    errors.flatMap(({ where, what }) => {
      const [, index] = /^files\[(\d+)\]/.exec(where) ?? [];
      return index === undefined ? [] : [[Number(index), what] as const];
    }),
  );
}
