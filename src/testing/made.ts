import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ReadyResult } from '../worker/conversion/spool.ts';

/** A summary of a result, with a hash in place of its bytes. */
export interface Made extends Pick<ReadyResult, 'rendition' | 'contentType' | 'metadata'> {
  bytes: number;
  sha256: string;
}

export async function summarized({ body, ...result }: ReadyResult): Promise<Made> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : createReadStream(body.file)) {
    hash.update(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).byteLength;
  }
  return { ...result, bytes, sha256: hash.digest('hex') };
}

/**
 * Checks that each result equals the expected result of its rendition.
 * @param when the circumstances of the comparison, for the message
 * @throws Error that says how they differ
 */
export function assertSame(made: readonly Made[], expected: readonly Made[], when: string): void {
  for (const result of made) {
    const other = expected.find(({ rendition }) => rendition === result.rendition);
    const [one, two] = [described(other), described(result)];
    if (one !== two) throw new Error(`the result ${result.rendition} differs ${when}: ${one}, then ${two}`);
  }
}

function described(result: Made | undefined): string {
  if (result === undefined) return 'nothing';
  const { bytes, sha256, contentType, metadata = {} } = result;
  return `${bytes} bytes with the SHA-256 ${sha256}, ${contentType}, metadata ${JSON.stringify(metadata)}`;
}
