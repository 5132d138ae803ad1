import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../cdk/configuration.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
  await folder.file('broken.mjs', 'export default {');
});
afterAll(() => folder.remove());

/** Returns the error of a configuration, which Node loads in a process of its own: vitest loads modules differently. */
async function failureOf(name: string, text: string): Promise<string> {
  const config = await folder.file(name, text);
  try {
    readConfiguration({ config });
  } catch (error) {
    return String(error).replaceAll(folder.path, '.');
  }
  throw new Error('it has no mistake');
}

describe('the error of a configuration that cannot be loaded', () => {
  it.each([
    [
      'throwing.mjs',
      'const a = 1;\nthrow new TypeError("my own mistake");',
      'my own mistake (./throwing.mjs:2:7)',
    ],
    ['importing.mjs', 'import "./throwing.mjs";', 'my own mistake (./throwing.mjs:2:7)'],
    [
      'unexported.mjs',
      '\nimport { a } from "./importing.mjs";',
      /does not provide an export named 'a' \(\.\/unexported\.mjs:2\)/,
    ],
    [
      'unfinished.mjs',
      'import "./broken.mjs";',
      /Unexpected end of input, in it or .*; `node \.\/unfinished\.mjs` shows where/,
    ],
  ])('names the place: %s', async (name, text, expected) => {
    expect(await failureOf(name, text)).toMatch(expected);
  });

  it('names a file that does not exist', () => {
    expect(() => readConfiguration({ config: folder.at('none.mjs') })).toThrow(
      /^the configuration .* is not usable:\n {2}ENOENT: .*none\.mjs'$/,
    );
  });
});
