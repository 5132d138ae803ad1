import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { syncFolder } from '../data-folder/sync-folder.ts';
import { DamagedContent } from '../disk-trouble.ts';
import { isMissing } from '../is-missing.ts';
import type { Segment } from './version.ts';

export interface Written {
  segment: Segment;
  /** Hex. */
  md5: string;
}

/** Stores the contents of objects as files. Only the current chunk is in memory. */
export interface BlobStore {
  /** Stores a body. If the body fails, nothing is left behind. `onChunk` is called with each chunk. */
  write(body: AsyncIterable<Uint8Array>, onChunk?: (chunk: Uint8Array) => void): Promise<Written>;
  /** Reads an inclusive range of a blob. Rejects if the blob was deleted. */
  read(segment: Segment, begin: number, end: number): Promise<Readable>;
  /** Creates another name for the same bytes. */
  link(segment: Segment): Promise<Segment>;
  /** Deletes blobs. Resolves once no reader holds them and they are gone. */
  remove(segments: readonly Segment[]): Promise<void>;
  /** Keeps blobs, even if their object is deleted, until the returned function is called. */
  hold(segments: readonly Segment[]): () => void;
}

/** Fast path: most contents fit in one chunk. */
const READ_BYTES = 256 * 1024;

/** Opens a folder of blobs. @param fsync whether a blob survives a power cut once it is written */
export async function openBlobFolder(folder: string, { fsync = false } = {}): Promise<BlobStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pathOf = ({ id }: Pick<Segment, 'id'>) => join(folder, id);
  /** How many readers hold each blob, and an event by its id when no reader does. */
  const holders = new Map<string, number>();
  const free = new EventEmitter<Record<string, []>>().setMaxListeners(0);

  return {
    async write(body, onChunk) {
      const id = randomUUID();
      const md5 = createHash('md5');
      let bytes = 0;
      let sum = 0;
      const file = await open(pathOf({ id }), 'wx', 0o600);
      try {
        for await (const chunk of body) {
          md5.update(chunk);
          sum = crc32(chunk, sum);
          onChunk?.(chunk);
          for (let begin = 0; begin < chunk.byteLength;)
            begin += (await file.write(chunk, begin)).bytesWritten;
          bytes += chunk.byteLength;
        }
        if (fsync) await file.datasync();
      } catch (error) {
        await file.close();
        await rm(pathOf({ id }), { force: true });
        throw error;
      }
      await file.close();
      if (fsync) await syncFolder(folder);
      return { segment: { id, bytes, crc32: sum }, md5: md5.digest('hex') };
    },

    async read(segment, start, end) {
      const handle = await open(pathOf(segment), 'r').catch((error: unknown) => {
        throw isMissing(error) ? new DamagedContent(`the content ${segment.id} is missing`) : error;
      });
      return createReadStream('', { fd: handle, start, end, highWaterMark: READ_BYTES });
    },

    async link(segment) {
      const id = randomUUID();
      await link(pathOf(segment), pathOf({ id }));
      if (fsync) await syncFolder(folder);
      return { ...segment, id };
    },

    async remove(segments) {
      await Promise.all(
        segments.map(async (segment) => {
          if (holders.has(segment.id)) await once(free, segment.id);
          await unlink(pathOf(segment)).catch((error: unknown) => {
            if (!isMissing(error)) throw error;
          });
        }),
      );
    },

    hold(segments) {
      for (const { id } of segments) holders.set(id, (holders.get(id) ?? 0) + 1);
      return () => {
        for (const { id } of segments) {
          const others = (holders.get(id) ?? 1) - 1;
          if (others > 0) {
            holders.set(id, others);
          } else {
            holders.delete(id);
            free.emit(id);
          }
        }
      };
    },
  };
}
