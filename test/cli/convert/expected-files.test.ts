import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createExpectedFiles, type ExpectedFiles } from '../../../src/cli/convert/expected-files.ts';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { resultNamesOf } from '../../../src/core/rules.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';
import { eventually } from '../../support/eventually.ts';

let folder: TestFolder;
let files: ExpectedFiles;
beforeEach(async () => {
  folder = await createTestFolder();
  const renditions = ['large', 'small'].map((name) => ({ name, width: 8 }));
  files = createExpectedFiles(
    resultNamesOf(parseRecipe(JSON.stringify({ renditions, resultName: '{key}' }))),
  );
});
afterEach(() => folder.remove());

/** A worker's process writes a draft and tells of it. */
async function store(key: string, name: string): Promise<string> {
  const draft = folder.at(name);
  await writeFile(draft, name);
  files.onFileEvent({
    kind: 'stored',
    key,
    draft,
    bytes: name.length,
    contentType: 'text/plain',
    metadata: {},
  });
  return draft;
}

const removed = (...drafts: string[]) =>
  eventually('the drafts are removed', async () => !drafts.some((draft) => existsSync(draft)));

describe('an expected file', () => {
  it('has ended when all its results are stored, in the order of its renditions', async () => {
    const ending = files.expect('a');
    const small = await store('small/a', 'one');
    const large = await store('large/a', 'two');
    const ended = await ending;
    expect(ended).toMatchObject({ kind: 'converted', results: [{ draft: large }, { draft: small }] });
    expect([existsSync(small), existsSync(large)]).toEqual([true, true]);
  });

  it('has the last of two results that were made for one rendition, and no other draft stays', async () => {
    const ending = files.expect('a');
    const beforeTheCrash = await store('large/a', 'one');
    const again = await store('large/a', 'two');
    await store('small/a', 'three');
    expect(await ending).toMatchObject({ results: [{ draft: again }, {}] });
    const afterTheEnd = await store('small/a', 'four');
    await removed(beforeTheCrash, afterTheEnd);
    expect(existsSync(again)).toBe(true);
  });

  it.each([
    ['its source cannot be read', { kind: 'unreadable', key: 'a', message: 'EACCES' }, 'file.unreadable'],
    [
      'a result cannot be written',
      { kind: 'unwritable', key: 'small/a', message: 'EACCES' },
      'file.unwritable',
    ],
  ] as const)('fails once if %s, and no draft of it stays', async (_reason, event, code) => {
    const ending = files.expect('a');
    const draft = await store('large/a', 'one');
    files.onFileEvent(event);
    files.fail('a', 'retries.exhausted', 'it was tried again');
    expect(await ending).toEqual({ kind: 'failed', code, message: 'EACCES' });
    await removed(draft);
  });

  it('fails with the reason of a failure report, and does not affect other files', async () => {
    const [a, b] = [files.expect('a'), files.expect('b')];
    files.fail('a', 'image.corrupt', 'broken');
    files.fail('unknown', 'image.corrupt', 'broken');
    expect(await a).toEqual({ kind: 'failed', code: 'image.corrupt', message: 'broken' });
    await store('large/b', 'one');
    await store('small/b', 'two');
    expect(await b).toMatchObject({ kind: 'converted' });
  });

  it('is rejected when the pipeline has failed', async () => {
    const ending = files.expect('a');
    files.abandon(new Error('the local AWS has stopped'));
    await expect(ending).rejects.toThrow('has stopped');
  });
});
