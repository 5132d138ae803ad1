import { createHash } from 'node:crypto';
import { Crc32, Crc32c, Crc64NvmeJs } from '@aws-sdk/checksums/crc';
import type { Checksum, ChecksumAlgorithm } from './version.ts';

/** A checksum that is being computed. */
export interface RunningChecksum {
  update(chunk: Uint8Array): void;
  /** Base64, as in S3's headers. */
  digest(): Promise<string>;
}

export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case 'CRC32':
      return running(new Crc32());
    case 'CRC32C':
      return running(new Crc32c());
    case 'CRC64NVME':
      return running(new Crc64NvmeJs());
    case 'SHA1':
    case 'SHA256': {
      const hash = createHash(algorithm.toLowerCase());
      return {
        update: (chunk) => void hash.update(chunk),
        digest: () => Promise.resolve(hash.digest('base64')),
      };
    }
  }
}

/** Computes the checksum of a stream. */
export async function checksumOf(
  content: AsyncIterable<Uint8Array>,
  algorithm: ChecksumAlgorithm,
): Promise<Checksum> {
  const checksum = startChecksum(algorithm);
  for await (const chunk of content) checksum.update(chunk);
  return { algorithm, value: await checksum.digest() };
}

function running(crc: { update(chunk: Uint8Array): void; digest(): Promise<Uint8Array> }): RunningChecksum {
  return {
    update: (chunk) => crc.update(chunk),
    digest: async () => Buffer.from(await crc.digest()).toString('base64'),
  };
}
