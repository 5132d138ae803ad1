import { expect, describe, it } from 'vitest';
import { loadConfig } from '../../src/local/config-file.ts';
import { needs } from '../support/needs.ts';
import { usePage } from './use-page.ts';

const CONFIG = 'test/browser/own.config.ts';
const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

describe('the upload page of a pipeline with a conversion of one’s own', needs('chromium'), () => {
  const bench = usePage({}, async () => ({
    recipe: (await loadConfig(CONFIG)).recipe,
    configFile: CONFIG,
  }));

  it('does not ask for images, shows its codes, and links to each of its results', async () => {
    const { page, pipeline } = bench;
    await page.goto(pipeline.url);
    expect(await page.locator('#drop-hint').innerText()).toMatch(/^Files, thousands at a time/);

    await page.setInputFiles('#files', [file('a.log', 'x, y'), file('b.log', 'bad')]);
    await page.waitForFunction(() => document.querySelector('#pace')?.textContent === 'Finished');
    const links = page.locator('#gallery .renditions a');
    await links.last().waitFor({ state: 'attached' });
    await page.waitForSelector('#failure-list li');
    expect(await page.locator('#failure-list').innerText()).toContain('text.bad: it has the word bad');

    expect(await links.allTextContents()).toEqual(['upper (4 B)', 'length (12 B)']);
    const downloads = [];
    for (const link of await links.all()) {
      const answer = await fetch(new URL((await link.getAttribute('href')) ?? '', pipeline.url));
      downloads.push([answer.headers.get('content-disposition'), await answer.text()]);
    }
    expect(downloads).toEqual([
      ["attachment; filename*=UTF-8''a.txt", 'X, Y'],
      ["attachment; filename*=UTF-8''a.json", '{"length":4}'],
    ]);
  });
});
