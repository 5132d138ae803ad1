import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { openPage } from './browser-page.ts';

/** What a test of a page has: a pipeline and a browser of its suite, a page of its own. */
export interface PageBench {
  pipeline: TestPipeline;
  context: BrowserContext;
  page: Page;
}

/**
 * Provides each test of the suite around it with a page, and fails those in which happened what must never happen:
 * errors of scripts, dialogs, and what the page's policy had to stop.
 */
export function usePage(options: BrowserContextOptions = {}): PageBench {
  const bench = {} as PageBench;
  let browser: Browser;
  let wrongs: string[];
  beforeAll(async () => {
    bench.pipeline = await startTestPipeline();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await bench.pipeline.stop();
  });
  beforeEach(async () => {
    bench.context = await browser.newContext(options);
    bench.context.setDefaultTimeout(240_000);
    ({ page: bench.page, wrongs } = await openPage(bench.context));
  });
  afterEach(async () => {
    await bench.context.close();
    expect(wrongs).toEqual([]);
  });
  return bench;
}
