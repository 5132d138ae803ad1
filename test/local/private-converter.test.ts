import { afterEach, beforeEach, expect, it } from 'vitest';
import { dirtyMessage } from '../../src/core/notification.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import type { FileEvent } from '../../src/local/files/events.ts';
import { startPrivateConverter } from '../../src/local/private-converter.ts';
import type { RunningConverter } from '../../src/local/running-pipeline.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { eventually } from '../support/eventually.ts';
import { objectsIn } from '../support/objects-in.ts';

let folder: TestFolder;
let converter: RunningConverter | undefined;
let events: FileEvent[];

beforeEach(async () => {
  folder = await createTestFolder();
  events = [];
});
afterEach(async () => {
  await converter?.stop();
  await folder.remove();
});

async function start(): Promise<void> {
  converter = await startPrivateConverter({
    recipe: DEFAULT_RECIPE,
    concurrency: 1,
    files: { from: folder.path, drafts: folder.at('draft-'), onEvent: (event) => void events.push(event) },
    onNotice: () => undefined,
  });
}

const queue = (key: string) => converter?.queue(dirtyMessage({ bucket: 'uploads', key }));

/** Returns the objects that the completion events name. */
function completed(): string[] {
  const records = converter?.completions?.receive(10) ?? [];
  converter?.completions?.delete(records);
  return records.flatMap(({ body }) => objectsIn(body)).map(({ bucket, key }) => `${bucket}/${key}`);
}

it('converts the files of a folder to drafts, and reports those that it cannot convert', async () => {
  await folder.image('a.png');
  await folder.file('bad.png', 'no image');
  await start();
  queue('a.png');
  queue('bad.png');
  queue('missing.png');
  expect(await eventually('a failure is reported', async () => completed()[0])).toBe('failures/bad.png');
  await eventually('both other files have ended', async () => events.length >= 2);
  expect(events.toSorted((a, b) => a.key.localeCompare(b.key))).toMatchObject([
    {
      kind: 'stored',
      key: 'a.png',
      draft: expect.stringContaining(folder.at('draft-')),
      contentType: 'image/webp',
    },
    {
      kind: 'unreadable',
      key: 'missing.png',
      message: 'the file was deleted or moved while the command ran',
    },
  ]);
});
