import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startLocalAws } from '@millrace/local-aws';
import { DEFAULT_RECIPE } from '../src/core/recipe.ts';
import { startApi } from '../src/local/api-server.ts';
import { localDeployment } from '../src/local/deployment.ts';
import { createResources } from '../src/local/resources.ts';
import { findBrowser, launchBrowser } from '../test/support/browser.ts';
import type { Bench, Benchmark, Measured } from './frame/benchmark.ts';
import { withFolder } from './frame/scratch.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

const FILES = 2000;
const BYTES = 50_000;

/** Records when the last upload ended, and the longest time the page was unresponsive. In milliseconds. */
const OBSERVE = `
  window.bench = { begun: 0, ended: 0, count: 0, longest: 0 };
  new PerformanceObserver((list) => {
    for (const { name, initiatorType, responseEnd } of list.getEntries()) {
      if (!name.endsWith('/uploads') || new URL(name).origin === location.origin) continue;
      bench.count += 1;
      bench.ended = Math.max(bench.ended, responseEnd);
    }
  }).observe({ type: 'resource' });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) bench.longest = Math.max(bench.longest, duration);
  }).observe({ type: 'longtask' });
  addEventListener('change', () => (bench.begun = performance.now()), true);
`;
const PLAIN = `
  const input = document.body.appendChild(document.createElement('input'));
  input.type = 'file';
  input.multiple = true;
  input.id = 'plain';
  input.addEventListener('change', async () => {
    const files = [...input.files];
    const body = JSON.stringify({ files: files.map(({ name, size, type }) => ({ name, size, type })) });
    const headers = { 'content-type': 'application/json' };
    const signed = await (await fetch('/uploads', { method: 'POST', body, headers })).json();
    let next = 0;
    const lane = async () => {
      for (let index = next++; index < files.length; index = next++) {
        const form = new FormData();
        for (const [name, value] of Object.entries(signed.post.fields)) form.append(name, value);
        form.append('key', signed.files[index].key);
        form.append('Content-Type', files[index].type);
        form.append('file', files[index]);
        await fetch(signed.post.url, { method: 'POST', body: form });
      }
    };
    await Promise.all(Array.from({ length: 6 }, lane));
  });
`;

async function upload(browser: Browser, url: string, paths: string[], plain: boolean) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto(url);
  await page.evaluate(OBSERVE + (plain ? PLAIN : ''));
  await page.setInputFiles(plain ? '#plain' : '#files', paths);
  const ended = `new Promise((done) => {
    const look = () => (bench.count >= ${paths.length} ? done(bench) : setTimeout(look, 50));
    look();
  })`;
  const timing = await page.evaluate<Record<'begun' | 'ended' | 'longest', number>>(ended);
  await context.close();
  return { seconds: (timing.ended - timing.begun) / 1000, longest: timing.longest };
}

/** Compares the upload page with plain `fetch` with the same policy, without conversions. */
export const benchmark: Benchmark = {
  id: 'B22',
  workload: `the upload page with ${FILES} 50 kB files, six at a time: time`,
  baseline: 'plain `fetch` with the same policy',
  run: async (bench) => {
    if (findBrowser() === undefined) {
      bench.note('B22: skipped, no browser found; run apt-get install chromium');
      return [];
    }
    return withFolder((folder) => compare(bench, folder));
  },
};

async function compare(bench: Bench, folder: string): Promise<Measured[]> {
  const onError = (error: unknown) => bench.note(String(error));
  const aws = await startLocalAws({ port: 0, folder, keep: false, onError });
  const resources = await createResources(aws.url, DEFAULT_RECIPE);
  const api = await startApi({
    port: 0,
    recipe: DEFAULT_RECIPE,
    deployment: localDeployment(aws.url, resources, DEFAULT_RECIPE),
    alarms: { states: () => ({ 'dead-letters': 'ok' }), stop: () => undefined },
    metrics: { minutes: () => [] },
    audit: () => Promise.resolve(),
    onError,
  });
  const paths = Array.from({ length: FILES }, (_, index) => join(folder, `${index}.jpg`));
  for (const path of paths) await writeFile(path, randomBytes(BYTES));
  const browser = await launchBrowser();
  try {
    const timings = await inTurn(
      bench.sized({ quick: 1, default: 3, full: 9 }),
      {
        page: () => upload(browser, api.url, paths, false),
        plain: () => upload(browser, api.url, paths, true),
      },
      0,
    );
    const longest = Math.max(...timings.page.map((each) => each.longest));
    bench.note(`longest task in the page: ${Math.round(longest)} ms`);
    const seconds = (side: 'page' | 'plain') => timings[side].map((each) => each.seconds);
    return [{ ...ratioOf(seconds('page'), seconds('plain')), target: { atMost: 1.2 } }];
  } finally {
    await browser.close();
    await api.stop();
    await aws.stop();
  }
}
