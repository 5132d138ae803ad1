import { chromium } from 'playwright-core';
import { startPipeline } from './src/local/pipeline.ts';
import { DEFAULT_RECIPE } from './src/core/recipe.ts';
import { letterOf, stubOperations } from './test/browser/operations-stub.ts';
const p = await startPipeline({
  port: 0,
  awsPort: 0,
  recipe: DEFAULT_RECIPE,
  concurrency: 1,
  onNotice: () => {},
} as never);
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1280, 360]) {
    const c = await b.newContext({
      colorScheme,
      viewport: { width, height: 900 },
      reducedMotion: 'reduce',
      deviceScaleFactor: 1,
    });
    const stub = await stubOperations(c, p.url);
    stub.letters = [
      ...Array.from({ length: 31 }, (_, i) =>
        letterOf('image.corrupt', `batches/20261124-aaa/holidays/IMG_${1000 + i}.jpg`, {
          hours: 76 - i,
          message: 'VipsJpeg: premature end of JPEG image',
        }),
      ),
      ...Array.from({ length: 7 }, (_, i) =>
        letterOf('process.died', `scans/2026/map-${i}.tif`, {
          hours: 3,
          message: 'the process died during attempt 5: out of memory, crash or timeout',
        }),
      ),
      letterOf('notification.malformed', 'x', { objects: [], hours: 301 }),
    ].map((l) => ({ ...l, preview: `/ops/dead-letters/${l.id}/source` }));
    stub.summary = {
      queues: {
        conversion: { visible: 1200, inFlight: 30, delayed: 4 },
        retry: { visible: 5, inFlight: 0, delayed: 1 },
      },
      minutes: Array.from({ length: 60 }, (_, i) => ({
        at: new Date(Date.now() - (60 - i) * 60000).toISOString(),
        converted: Math.round(400 + 300 * Math.sin(i / 7) + 60 * Math.random()),
        rejected: i % 9 === 0 ? 3 : 0,
        failed: i % 13 === 0 ? 5 : 0,
      })),
    };
    const r = (id: string, state: string, counts: object, more: object = {}) => ({
      version: 1,
      id,
      state,
      who: 'arn:aws:iam::123456789012:user/grace',
      why: 'memory was raised',
      what: 'dead letters of process.died, canary 5, 50 a second',
      startedAt: new Date(Date.now() - 4e6).toISOString(),
      updatedAt: new Date().toISOString(),
      cancelRequested: false,
      counts,
      ...more,
    });
    stub.redrives = [
      r('1', 'running', { moved: 40, converted: 22, failedAgain: 3, gone: 1, pending: 14 }),
      r(
        '2',
        'stopped',
        { moved: 5, converted: 1, failedAgain: 4, gone: 0, pending: 0 },
        { reason: '4 of 5 failed again, more than 20 %', why: '' },
      ),
      r('3', 'done', { moved: 120, converted: 118, failedAgain: 2, gone: 0, pending: 0 }),
    ] as never;
    const page = await c.newPage();
    page.on('console', (m) => console.log(m.text()));
    await page.goto(`${p.url}/operations`);
    await page.locator('#redrive-list li').first().waitFor();
    stub.redrives = [];
    stub.redrives = [
      r('1', 'done', { moved: 40, converted: 36, failedAgain: 3, gone: 1, pending: 0 }),
      ...[],
    ] as never;
    await page.locator('#groups tbody').first().waitFor();
    await page.waitForTimeout(9000);
    const n = `/tmp/shots/ops-${colorScheme}-${width}`;
    await page.screenshot({ path: `${n}.png`, fullPage: true });
    if (colorScheme === 'light' || width === 360) {
      await page.getByRole('button', { name: 'process.died', exact: true }).click();
      await page.locator('.letter').first().waitFor();
      await page.screenshot({ path: `${n}-open.png`, fullPage: true });
      await page.locator('.letter').first().click();
      await page.waitForTimeout(800);
      await page.screenshot({ path: `${n}-drawer.png` });
      await page.keyboard.press('Escape');
      await page.click('#redrive-all');
      await page.waitForTimeout(600);
      await page.screenshot({ path: `${n}-redrive.png` });
      await page.keyboard.press('Escape');
      await page.click('#purge-all');
      await page.click('#purge-copy');
      await page.waitForTimeout(600);
      await page.screenshot({ path: `${n}-purge.png` });
    }
    await c.close();
  }
await b.close();
await p.stop();
process.exit(0);
