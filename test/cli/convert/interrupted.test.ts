import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';
import { millraceHere } from '../../support/command-here.ts';
import { ctrlC } from '../../support/interrupting.ts';
import { jsonLines } from '../../support/json-lines.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
  await folder.image('in/a.png');
});
afterEach(() => folder.remove());

it('Ctrl-C before all files are found ends convert with 130, after its summary', async () => {
  const press = ctrlC();
  const others = process.listenerCount('SIGINT');
  const converting = millraceHere('convert', folder.at('in'), '--out', folder.at('out'), '--json');
  const pressOnceItListens = () => {
    if (process.listenerCount('SIGINT') > others) press();
    else setImmediate(pressOnceItListens);
  };
  pressOnceItListens();
  const { code, stdout, stderr } = await converting;
  expect(code).toBe(130);
  expect(jsonLines(stdout)).toMatchObject([
    { type: 'summary', uploaded: 0, converted: 0, failed: 0, pending: 0 },
  ]);
  expect(stderr).toContain('millrace: interrupted while looking for files\n');
});
