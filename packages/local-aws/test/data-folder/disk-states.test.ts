import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataFolderError } from '../../src/data-folder/error.ts';
import { cases, fc } from '../../../../test/support/fuzz.ts';
import {
  change,
  contentOf,
  copyOf,
  edgesOf,
  fillFolder,
  filesIn,
  openFolder,
  remove,
  type TestAws,
} from './folder.ts';

let whole: string;
let held: string;
let files: string[];
beforeAll(async () => {
  whole = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  held = await fillFolder(whole);
  files = (await filesIn(whole)).filter(({ bytes }) => bytes > 0).map(({ name }) => name);
});
afterAll(() => remove(whole));

interface Place {
  file: number;
  at: number;
  /** Distance from a record's edge in bytes; undefined for any position. */
  fromEdge: number | undefined;
}

const place: fc.Arbitrary<Place> = fc.record({
  file: fc.nat(),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fromEdge: fc.option(fc.integer({ min: -1, max: 1 }), { nil: undefined }),
});

function offsetOf({ at, fromEdge }: Place, name: string, bytes: Buffer): number {
  if (fromEdge === undefined) return Math.floor(at * bytes.length);
  const edges = edgesOf(name, bytes);
  const offset = (edges[Math.floor(at * edges.length)] ?? 0) + fromEdge;
  return Math.min(Math.max(offset, 0), bytes.length - 1);
}

/** The outcome of damage to one of a folder's files: the folder's contents, or how the damage is reported. */
async function after(
  where: Place,
  to: (bytes: Buffer, offset: number) => Buffer,
  { verify = false, only = '' } = {},
): Promise<string> {
  const folder = await copyOf(whole);
  const candidates = files.filter((each) => each.startsWith(only));
  const name = candidates[where.file % candidates.length] ?? '';
  const bytes = await readFile(join(folder, name));
  await change(join(folder, name), () => to(bytes, offsetOf(where, name, bytes)));
  try {
    const aws = await openFolder(folder, false, verify);
    try {
      return await contentOf(aws).catch((error: unknown) => reported(aws, name) ?? String(error));
    } finally {
      await aws.stop();
    }
  } catch (error) {
    return error instanceof DataFolderError ? 'refused' : `${name}: ${String(error)}`;
  } finally {
    await remove(folder);
  }
}

/** The reader's connection was ended, and a line names the damaged object. */
function reported({ notices }: TestAws, name: string): string | undefined {
  const id = name.split('/').at(-1) ?? '';
  return notices.some((text) => /uploads\/photos\/\d+\.png: /.test(text) && text.includes(id))
    ? 'reported'
    : undefined;
}

const cut = (bytes: Buffer, offset: number) => bytes.subarray(0, offset);
const flip = (bit: number) => (bytes: Buffer, offset: number) => {
  const flipped = Buffer.from(bytes);
  flipped[offset] = (flipped[offset] ?? 0) ^ (1 << bit);
  return flipped;
};

describe('after disk damage, all acknowledged data is there or the start is refused', () => {
  it('if any file in the data folder is truncated at any position', async () => {
    await fc.assert(
      fc.asyncProperty(place, async (where) => {
        expect([held, 'refused']).toContain(await after(where, cut));
      }),
      { numRuns: cases(80) },
    );
  });

  it('if one bit of any file is flipped and all contents are verified', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(7), async (where, bit) => {
        expect([held, 'refused']).toContain(await after(where, flip(bit), { verify: true }));
      }),
      { numRuns: cases(80) },
    );
  });

  it('or a read fails with a line that names the object, if one bit of its contents is flipped', async () => {
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(place, fc.nat(7), async (where, bit) => {
        const outcome = await after(where, flip(bit), { only: 'blobs' });
        outcomes.add(outcome);
        // Old versions and parts are not read.
        expect([held, 'reported']).toContain(outcome);
      }),
      { numRuns: cases(25) },
    );
    expect(outcomes).toContain('reported');
  });
});
