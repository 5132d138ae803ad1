import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { PipelineOptions } from '../../src/local/pipeline-options.ts';
import { launchBrowser } from '../support/browser.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { longestWait } from '../support/time-limit.ts';
import { describePage, openPage } from './browser-page.ts';

/** The environment of a page's test: the suite's pipeline and browser, and a new page. */
export interface PageBench {
  pipeline: TestPipeline;
  context: BrowserContext;
  page: Page;
}

/**
 * Provides each test in the surrounding suite with a page, and fails tests with forbidden events: script errors,
 * dialogs, and violations of the page's policy.
 */
export function usePage(
  options: BrowserContextOptions = {},
  pipelineOptions: () => Promise<Partial<PipelineOptions>> = async () => ({}),
): PageBench {
  const bench = {} as PageBench;
  let browser: Browser;
  let wrongs: string[];
  beforeAll(async () => {
    bench.pipeline = await startTestPipeline(await pipelineOptions());
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await bench.pipeline.stop();
  });
  beforeEach(async () => {
    bench.context = await browser.newContext(options);
    bench.context.setDefaultTimeout(longestWait());
    ({ page: bench.page, wrongs } = await openPage(bench.context));
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      process.stderr.write(
        [`failed: ${task.name}`, await describePage(bench.page), ...bench.pipeline.notices, ''].join('\n'),
      );
    await bench.context.close();
    expect(wrongs).toEqual([]);
  });
  return bench;
}
