import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { millrace } from '../support/command.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { takesLong } from '../support/takes-long.ts';
import { jsonLines } from '../support/json-lines.ts';

takesLong();

/** Kills its process: for `poison` each time, for `flaky` only the first time. Rejects `growing` while it grows. */
const CONFIG = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { defineConfig, defineConversion, Rejected } from 'millrace/config';

const fragile = defineConversion({
  name: 'fragile',
  renditions: ['one', 'two'],
  async convert({ source }) {
    if (source.key.startsWith('growing')) {
      appendFileSync(new URL('in/' + source.key, import.meta.url), ' and more');
      throw new Rejected('fragile.growing', 'it grows');
    }
    const text = Buffer.from(await source.content()).toString();
    const mark = new URL('crashed', import.meta.url);
    if (text === 'poison' || (text === 'flaky' && !existsSync(mark))) {
      writeFileSync(mark, '');
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => undefined);
    }
    return ['one', 'two'].map((rendition) => ({ rendition, body: Buffer.from(text), contentType: 'text/plain' }));
  },
});
export default defineConfig({ conversions: [{ conversion: fragile, keys: ['*.txt'] }] });
`;

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
  await mkdir(folder.at('node_modules'));
  await symlink(fileURLToPath(new URL('../..', import.meta.url)), folder.at('node_modules/millrace'));
  for (const text of ['poison', 'flaky', 'growing', 'sound', 'whole'])
    await folder.file(`in/${text}.txt`, text);
});
afterAll(() => folder.remove());

it('convert reports a file that crashes its worker and one that changes while it is rejected, and converts the others', async () => {
  const config = await folder.file('millrace.config.mjs', CONFIG);
  const args = ['convert', folder.at('in'), '--out', folder.at('out'), '--config', config, '--json'];
  const { code, stdout } = await millrace(...args);
  const lines = jsonLines<{ type: string; key: string; code?: string }>(stdout);
  const outcomes = lines.slice(0, -1).toSorted((one, other) => (one.key < other.key ? -1 : 1));
  expect(outcomes).toMatchObject([
    { type: 'converted', key: 'flaky.txt' },
    { type: 'failed', key: 'growing.txt', code: 'fragile.growing', message: 'it grows' },
    { type: 'failed', key: 'poison.txt', code: 'process.died' },
    { type: 'converted', key: 'sound.txt' },
    { type: 'converted', key: 'whole.txt' },
  ]);
  expect(code).toBe(1);
  expect((await readdir(folder.at('out'))).toSorted()).toEqual(['one', 'two']);
  for (const rendition of ['one', 'two']) {
    const names = ['flaky.txt', 'sound.txt', 'whole.txt'];
    expect((await readdir(folder.at(`out/${rendition}`))).toSorted()).toEqual(names);
    for (const name of names)
      expect(await readFile(folder.at(`out/${rendition}/${name}`), 'utf8')).toBe(name.replace('.txt', ''));
  }
});
