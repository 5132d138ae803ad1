import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../cdk/configuration.ts';
import { loadFailure, ownFolders } from '../../src/local/load-failure.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
  const files = {
    'throwing.mjs': 'const a = 1;\nthrow new TypeError("my own mistake");',
    'importing.mjs': 'import "./throwing.mjs";',
    'typed.ts': 'const a: number = 1;\nthrow new TypeError(`my own mistake ${a}`);',
    'common.cjs': '\nthrow new TypeError("my own mistake");',
    'reading.mjs': 'import { readFileSync } from "node:fs";\nreadFileSync("nowhere");',
    'a folder/unexported.mjs': '\nimport { a } from "../exporting.mjs";',
    'exporting.mjs': 'export const b = 1;',
    'unfinished.mjs': 'import "./broken.mjs";',
    'broken.mjs': 'export default {',
  };
  for (const [name, text] of Object.entries(files)) await folder.file(name, text);
});
afterAll(() => folder.remove());

/** Returns the error of a configuration, which Node loads in a process of its own: vitest loads modules differently. */
function failureOf(name: string): string {
  try {
    readConfiguration({ config: folder.at(name) });
  } catch (error) {
    return String(error).replaceAll(realpathSync(folder.path), '.').replaceAll(folder.path, '.');
  }
  throw new Error('it has no mistake');
}

describe('the error of a configuration that cannot be loaded', () => {
  it.each([
    ['throwing.mjs', 'my own mistake (./throwing.mjs:2:7)'],
    ['importing.mjs', 'my own mistake (./throwing.mjs:2:7)'],
    ['typed.ts', /my own mistake 1 \(\.\/typed\.ts:2:\d+\)/],
    ['common.cjs', 'my own mistake (./common.cjs:2:7)'],
    ['reading.mjs', /ENOENT: .*nowhere' \(\.\/reading\.mjs:2:1\)/],
    ['a folder/unexported.mjs', /does not provide an export named 'a' \(\.\/a folder\/unexported\.mjs:2\)/],
    ['unfinished.mjs', 'Unexpected end of input (in this file or a module that it imports; run `node '],
  ])('names the place: %s', (name, expected) => {
    expect(failureOf(name)).toMatch(expected);
  });

  const own = new URL('../../src/local/config-file.ts', import.meta.url);
  it.each([
    [
      'an ES module',
      '    at file:///work/a%20b.mjs:2:7\n    at async later (file:///c.mjs:1:1)',
      ' (/work/a b.mjs:2:7)',
    ],
    ['a CommonJS module', '    at read (/work/b.cjs:3:9)', ' (/work/b.cjs:3:9)'],
    ['a module below Node', '    at read (node:fs:1:2)\n    at file:///work/c.mjs:4:5', ' (/work/c.mjs:4:5)'],
    ["nothing below Millrace's module", `    at load (${own.href}:6:7)\n    at file:///work/c.mjs:4:5`, ''],
    ["nothing below Millrace's module in vitest", `    at load (${fileURLToPath(own)}:6:7)`, ''],
    ['nothing without a stack', '', ''],
  ])('names the first module of its stack: %s', (_what, frames, place) => {
    const error = Object.assign(new TypeError('mistaken'), { stack: `TypeError: mistaken\n${frames}` });
    expect(loadFailure(error, 'a.mjs')).toBe(`mistaken${place}`);
  });

  it('is shown as text if it is not an Error', () => {
    expect(loadFailure('a text', 'a.mjs')).toBe('a text');
  });

  it.each([
    ['/home/me/src/app/node_modules/millrace/', 'dist/program/chunks/a.js'],
    ['/home/me/dist/millrace/', 'src/local/load-failure.ts'],
  ])('is in the project although the project is in a folder like one of Millrace: %s', (root, module) => {
    expect(ownFolders(`file://${root}${module}`)).toEqual([`${root}dist/`, `${root}src/`]);
  });

  it('names a file that does not exist', () => {
    expect(failureOf('none.mjs')).toMatch(
      /^Error: the configuration .* is not usable:\n {2}ENOENT: .*none\.mjs'$/,
    );
  });
});
