import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { openPage } from './browser-page.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const FILES = 5000;

/** The page's work between two frames: elements changed in a render, file sizes read from disk. */
interface Work {
  drawings: number;
  mostElements: number;
  mostSizes: number;
  sizes: number;
}

describe('the upload page', needs('chromium'), () => {
  let pipeline: TestPipeline;
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    pipeline = await startTestPipeline();
    browser = await launchBrowser();
    folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
    for (let index = 0; index < FILES; index += 1)
      await writeFile(join(folder, `photo-${index}.jpg`), `content ${index}`);
  });
  afterAll(async () => {
    await browser.close();
    await pipeline.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("processes 5,000 files in bounded steps, whatever each one's outcome", async () => {
    const context = await browser.newContext();
    const { page, wrongs } = await openPage(context);
    // All are refused, which shows the most rows: the signature does not match the form.
    await context.route(`${pipeline.url}/uploads`, async (route) => {
      const response = await route.fetch();
      const signed = (await response.json()) as { post: { fields: Record<string, string> } };
      signed.post.fields['X-Amz-Signature'] = '0'.repeat(64);
      await route.fulfill({ response, json: signed });
    });
    await page.goto(pipeline.url);
    await page.evaluate(countWork);
    await page.setInputFiles('#folder', folder);
    await page.waitForFunction(() => document.querySelector('#pace')?.textContent === 'Finished', undefined, {
      timeout: 1_200_000,
    });
    expect(await page.textContent('#count-failed')).toBe('5,000');
    expect(await page.locator('#failure-list li').count()).toBe(200);
    expect(await page.locator('#failure-list .detail').first().innerText()).toMatch(/^S3 refused the file/);
    const work = await page.evaluate(() => (globalThis as unknown as { work: Work }).work);
    // Checks the counters: each file was read, and the page was rendered as files finished.
    expect(work.sizes).toBe(FILES);
    expect(work.drawings).toBeGreaterThan(10);
    expect(work.mostSizes).toBeLessThanOrEqual(200);
    // 200 rows with five elements each, and the rest of the page.
    expect(work.mostElements).toBeLessThan(1200);
    await context.close();
    expect(wrongs).toEqual([]);
  });
});

/** Runs in the page. */
function countWork(): void {
  const work: Work = { drawings: 0, mostElements: 0, mostSizes: 0, sizes: 0 };
  Object.assign(globalThis, { work });
  const elementsIn = (node: Node) => (node instanceof Element ? 1 + node.querySelectorAll('*').length : 0);
  new MutationObserver((changes) => {
    let elements = 0;
    for (const { addedNodes, removedNodes } of changes)
      for (const node of [...addedNodes, ...removedNodes]) elements += elementsIn(node);
    work.drawings += 1;
    work.mostElements = Math.max(work.mostElements, elements);
  }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });

  const turn = new MessageChannel();
  let sizes = 0;
  turn.port1.addEventListener('message', () => {
    work.mostSizes = Math.max(work.mostSizes, sizes);
    sizes = 0;
  });
  turn.port1.start();
  const size = Object.getOwnPropertyDescriptor(Blob.prototype, 'size');
  Object.defineProperty(Blob.prototype, 'size', {
    get(this: Blob): unknown {
      if (sizes === 0) turn.port2.postMessage('a turn of the browser later');
      sizes += 1;
      work.sizes += 1;
      return size?.get?.call(this);
    },
  });
}
