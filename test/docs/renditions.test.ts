import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { renditionFields } from '../../src/core/rendition.ts';

it('docs/renditions.md has a row for each option, and no other', async () => {
  const text = await readFile('docs/renditions.md', 'utf8');
  const rows = new Set([...text.matchAll(/^\| `(\w+)` /gm)].map(([, option]) => option));
  expect(rows).toEqual(new Set(Object.keys(renditionFields.shape)));
});
