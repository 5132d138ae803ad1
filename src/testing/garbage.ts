import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { it } from 'vitest';
import { flipped, random, truncated, type Damaged } from './damage.ts';
import type { Sample } from './samples.ts';
import { sourceOf } from './source.ts';
import { attempt, type Subject } from './subject.ts';
import { TIMEOUT } from './timeout.ts';

/** The folder for garbage that exposed a bug. The tests' own temporary folder is removed. */
const KEPT = tmpdir();

/** Registers the tests with damaged content, which may be converted or rejected. */
export function testGarbage(subject: Subject, sample: Sample, seed: number): void {
  const test = (name: string, all: () => Damaged[]) =>
    it(name, TIMEOUT, async () => {
      for (const damaged of all()) await mustEnd(subject, sample.key, damaged);
    });
  test('is converted or rejected with a reason if it is empty', () => [
    { what: 'no bytes', bytes: new Uint8Array() },
  ]);
  test('is converted or rejected with a reason if it is truncated', () => truncated(sample, seed));
  test('is converted or rejected with a reason if bits are flipped', () => flipped(sample, seed));
  test('is converted or rejected with a reason if it is random bytes', () => random(sample, seed));
}

async function mustEnd(subject: Subject, key: string, { what, bytes }: Damaged): Promise<void> {
  try {
    await attempt(subject, sourceOf(key, Buffer.from(bytes)));
  } catch (cause) {
    const file = join(await mkdtemp(join(KEPT, 'millrace-garbage-')), basename(key));
    await writeFile(file, bytes);
    throw new Error(
      `${what} (kept as ${file}): expected results, Rejected or Retryable: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
