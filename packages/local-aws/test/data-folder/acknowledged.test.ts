import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openAcknowledged, readAcknowledged } from '../../src/data-folder/acknowledged.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  file = join(folder, 'acknowledged');
});
afterEach(() => rm(folder, { recursive: true }));

it('the number of acknowledged writes is the last one that was written, also by an earlier process', async () => {
  expect(await readAcknowledged(file)).toBe('missing');
  for (const numbers of [[0], [7, 1_000_000], [12]]) {
    const acknowledged = openAcknowledged(file);
    for (const number of numbers) acknowledged.write(number);
    acknowledged.sync();
    acknowledged.close();
    expect(await readAcknowledged(file)).toBe(numbers.at(-1));
  }
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('a file that was changed anywhere is damaged', async () => {
  const acknowledged = openAcknowledged(file);
  acknowledged.write(41);
  acknowledged.close();
  const bytes = await readFile(file);
  for (const at of bytes.keys()) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await writeFile(file, changed);
    expect(await readAcknowledged(file), `changed at ${at}`).toBe('damaged');
  }
  for (const other of [Buffer.alloc(0), bytes.subarray(0, -1), Buffer.concat([bytes, bytes])]) {
    await writeFile(file, other);
    expect(await readAcknowledged(file)).toBe('damaged');
  }
});

it('a file that cannot be read is an error', async () => {
  await expect(readAcknowledged(folder)).rejects.toThrow('EISDIR');
});
