import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('the index of decisions lists every page, by number, with its title', async () => {
  const pages = (await readdir('docs/adr')).filter((name) => /^\d{4}-/.test(name)).toSorted();
  const lines = await Promise.all(
    pages.map(async (name) => {
      const [title = ''] = (await readFile(`docs/adr/${name}`, 'utf8')).split('\n');
      return `- [${title.replace(/^# /, '')}](${name})`;
    }),
  );
  const list = await readFile('docs/adr/README.md', 'utf8');
  expect(list.split('\n').filter((line) => line.startsWith('- '))).toEqual(lines);
  expect(pages.map((name, index) => Number(name.slice(0, 4)) - index)).toEqual(pages.map(() => 1));
});
