import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { needs } from '../support/needs.ts';
import { violations, violationsEverywhere } from './browser-page.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';
import { PHOTOS } from '../support/images.ts';
import { listKeys, type TestPipeline } from '../support/pipeline.ts';
import { usePage } from './use-page.ts';

const EVIL = '"><img src=x onerror=alert(1)>.jpg';

describe('the upload page', needs('chromium'), () => {
  // Hooks run in reverse order, so the page is closed before its files are removed.
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const bench = usePage();
  let pipeline: TestPipeline;
  let context: BrowserContext;
  let page: Page;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
    ({ pipeline, context, page } = bench);
    await page.goto(pipeline.url);
  });

  async function photos(count: number, to = folder): Promise<void> {
    await mkdir(to, { recursive: true });
    for (let index = 0; index < count; index += 1)
      await copyFile(PHOTOS[index % PHOTOS.length] ?? '', join(to, `photo-${index}.jpg`));
  }

  const number = async (id: string) => Number((await page.textContent(`#${id}`))?.replaceAll(',', ''));
  async function untilFinished(): Promise<void> {
    await page.waitForFunction(() => document.querySelector('#pace')?.textContent === 'Finished');
  }
  async function untilDone(files: number): Promise<void> {
    const isDone = (count: string) => document.querySelector('#count-done')?.textContent === count;
    await page.waitForFunction(isDone, String(files));
  }
  async function counts() {
    const id = new URL(page.url()).searchParams.get('batch');
    const answer: unknown = await (await fetch(`${pipeline.url}/batches/${id}`)).json();
    return z
      .object({ uploaded: z.int(), converted: z.int(), failed: z.int(), pending: z.int() })
      .parse(answer);
  }
  it('says that there is no preview if a result is not an image', async () => {
    await photos(1);
    await page.route('**/results/**', (route) => route.fulfill({ contentType: 'text/csv', body: 'a,b' }));
    await page.setInputFiles('#folder', folder);
    await untilFinished();
    await page.locator('#gallery li').first().scrollIntoViewIfNeeded();
    await page.waitForSelector('#gallery .no-preview');
    expect(await page.locator('#gallery .no-preview').innerText()).toBe('No preview');
    expect(await page.locator('#gallery img').count()).toBe(0);
  });

  it('uploads a folder of 200 files with five bad ones, continues after a reload, and shows each outcome', async () => {
    await photos(195, join(folder, 'a folder'));
    for (const name of ['notes.txt', 'text.jpg', 'half.png', 'page.html', EVIL])
      await writeFile(join(folder, name), `I am no photo, I am ${name}`);
    await page.setInputFiles('#folder', folder);
    await page.waitForFunction(() => Number(document.querySelector('#count-done')?.textContent) >= 10);
    await page.waitForFunction(() => document.querySelector('#count-uploaded')?.textContent === '200');
    const before = new URL(page.url());
    await page.reload();
    expect(page.url()).toBe(before.href);
    await untilFinished();

    expect(await number('count-done')).toBe(195);
    expect(await number('count-failed')).toBe(5);
    expect(await counts()).toEqual({ uploaded: 200, converted: 195, failed: 5, pending: 0 });
    const rows = await page.locator('#failure-list li').allInnerTexts();
    expect(rows).toHaveLength(5);
    for (const row of rows)
      expect(row).toContain('This pipeline does not convert the format of the content.');
    expect(await page.locator('#gallery li').count()).toBe(60);
    expect(await page.locator('.sizes').first().innerText()).toMatch(/^\d+ kB → [\d.]+ kB −\d+ %$/);
    await page.locator('#gallery img').first().scrollIntoViewIfNeeded();
    await page.waitForFunction(
      () => (document.querySelector<HTMLImageElement>('#gallery img')?.naturalWidth ?? 0) > 0,
    );
    await page.click('#more-results');
    await page.waitForFunction(() => document.querySelectorAll('#gallery li').length === 120);
  });

  it('uploads the rest if the same folder is dropped after a reload, and nothing twice', async () => {
    await photos(40);
    // One file stays in flight until the page is left.
    await context.route(`${pipeline.awsUrl}/uploads`, (route) =>
      route.request().postData()?.includes('photo-39.jpg') === true ? undefined : route.continue(),
    );
    await page.setInputFiles('#folder', folder);
    await page.waitForFunction(() => document.querySelector('#count-uploaded')?.textContent === '39');
    await page.reload();
    await page.waitForFunction(() =>
      document.querySelector('#notice')?.textContent?.startsWith('1 file had not'),
    );
    await context.unroute(`${pipeline.awsUrl}/uploads`);
    let sent = 0;
    page.on('request', (request) => (sent += request.url() === `${pipeline.awsUrl}/uploads` ? 1 : 0));
    await page.setInputFiles('#folder', folder);
    await untilFinished();
    expect(sent).toBe(1);
    expect(await counts()).toEqual({ uploaded: 40, converted: 40, failed: 0, pending: 0 });
  });

  it('shows which uploads failed and why, and sends them again on request', async () => {
    await photos(12);
    await context.route(`${pipeline.awsUrl}/uploads`, async (route) => {
      if (route.request().postData()?.includes('photo-7.jpg') !== true) return route.continue();
      const body = '<Error><Code>AccessDenied</Code><Message>not today</Message></Error>';
      const headers = { 'access-control-allow-origin': pipeline.url };
      return route.fulfill({ status: 403, contentType: 'application/xml', body, headers });
    });
    await page.setInputFiles('#folder', folder);
    await untilFinished();
    expect(await page.locator('#failure-list li').allInnerTexts()).toEqual([
      expect.stringMatching(/photo-7\.jpg[^]*The upload failed\.[^]*S3 refused the file: not today/),
    ]);
    await context.unroute(`${pipeline.awsUrl}/uploads`);
    await page.click('#retry');
    await page.waitForFunction(() => document.querySelector('#count-done')?.textContent === '12');
    expect(await page.locator('#failures').isHidden()).toBe(true);
  });

  it('sends a file again whose transfer stalls', async () => {
    const stalled = await startTestServer(() => undefined);
    onTestFinished(stalled.stop);
    await photos(1);
    await page.addInitScript(() => {
      const { setTimeout: set } = globalThis;
      // The two minutes until a transfer has stalled take a second, the first time.
      const shortened = (run: () => void, milliseconds?: number) => {
        if (milliseconds !== 120_000) return set(run, milliseconds);
        const ran = () => {
          globalThis.setTimeout = set;
          run();
        };
        return set(ran, 1000);
      };
      globalThis.setTimeout = shortened as typeof set;
    });
    await page.reload();
    let sent = 0;
    await context.route(`${pipeline.awsUrl}/uploads`, (route) => {
      sent += 1;
      return sent === 1 ? route.continue({ url: stalled.url }) : route.continue();
    });
    await page.setInputFiles('#folder', folder);
    await untilFinished();
    expect(sent).toBe(2);
    expect(await counts()).toEqual({ uploaded: 1, converted: 1, failed: 0, pending: 0 });
  });

  it('sends failed files again if they are dropped again', async () => {
    await photos(3);
    await context.route(`${pipeline.awsUrl}/uploads`, async (route) => {
      if (route.request().postData()?.includes('photo-1.jpg') !== true) return route.continue();
      const headers = { 'access-control-allow-origin': pipeline.url };
      const body = '<Error><Code>AccessDenied</Code><Message>not today</Message></Error>';
      return route.fulfill({ status: 403, contentType: 'application/xml', body, headers });
    });
    await page.setInputFiles('#folder', folder);
    await untilFinished();
    await context.unroute(`${pipeline.awsUrl}/uploads`);
    await page.setInputFiles('#folder', folder);
    await untilDone(3);
    expect(await page.locator('#failures').isHidden()).toBe(true);
    expect(await page.textContent('#notice')).toContain('2 files already uploaded: skipped.');
    expect(await counts()).toMatchObject({ uploaded: 3, converted: 3 });
  });

  it('shows the last results although an update at the end fails', async () => {
    await photos(1);
    let failed = false;
    await page.route('**/batches/*/objects?*', async (route) => {
      if (failed || (await counts()).pending > 0) return route.continue();
      failed = true;
      return route.fulfill({ status: 502, contentType: 'application/json', body: '{}' });
    });
    await page.setInputFiles('#folder', folder);
    await page.waitForSelector('#gallery li');
    expect(failed).toBe(true);
    await page.waitForFunction(() => document.querySelector('#notice')?.textContent === '');
  });

  it('keeps its batch although the API fails while the first files are signed', async () => {
    await photos(1);
    let failed = false;
    await page.route(`${pipeline.url}/uploads`, (route) => {
      if (failed) return route.continue();
      failed = true;
      return route.fulfill({ status: 502, contentType: 'application/json', body: '{}' });
    });
    await page.setInputFiles('#folder', folder);
    await untilDone(1);
    expect(failed).toBe(true);
  });

  it('refuses too large and empty files before it sends anything, and still shows them after a reload', async () => {
    await writeFile(join(folder, 'large.jpg'), '');
    await truncate(join(folder, 'large.jpg'), 60_000_000);
    await writeFile(join(folder, 'empty.jpg'), '');
    const before = (await listKeys(pipeline.s3, 'uploads')).length;
    await page.setInputFiles('#files', [join(folder, 'large.jpg'), join(folder, 'empty.jpg')]);
    await page.locator('#failure-list li').nth(1).waitFor();
    const rows = await page.locator('#failure-list li').allInnerTexts();
    expect(rows[0]).toContain('Too large: 60.0 MB. This pipeline accepts at most 52.4 MB.');
    expect(rows[1]).toContain('Empty: the file has no bytes.');
    expect((await listKeys(pipeline.s3, 'uploads')).length).toBe(before);

    await page.reload();
    await page.locator('#failure-list li').nth(1).waitFor();
    expect(await page.locator('#failure-list li').allInnerTexts()).toEqual(rows);
    // They are restored with the batch, and files that are dropped again are not listed twice.
    await page.setInputFiles('#files', [join(folder, 'empty.jpg'), PHOTOS[0] ?? '']);
    // The refused files are already finished, so this waits for the photo.
    await untilDone(1);
    expect(await number('count-failed')).toBe(2);
    await page.reload();
    await untilDone(1);
    expect(await number('count-failed')).toBe(2);
    await writeFile(join(folder, 'empty.jpg'), await readFile(PHOTOS[1] ?? ''));
    await page.setInputFiles('#files', join(folder, 'empty.jpg'));
    await untilDone(2);
    expect(await number('count-failed')).toBe(1);
    expect(await page.locator('#failure-list li').innerText()).toContain('Too large');
    await page.click('#new-batch');
    await page.waitForURL(`${pipeline.url}/`);
    expect(await page.locator('#failures').isHidden()).toBe(true);
  });

  it('starts nothing new while it is paused', async () => {
    await photos(60);
    // Uploads wait at the gate, so that there is something to pause.
    let open: () => void = () => undefined;
    const gate = new Promise<void>((pass) => (open = pass));
    await context.route(`${pipeline.awsUrl}/uploads`, async (route) => {
      await gate;
      await route.continue();
    });
    await page.setInputFiles('#folder', folder);
    await page.click('#pause');
    open();
    await eventually('those that had begun have arrived', async () => (await counts()).uploaded === 6);
    expect(await page.textContent('#pace')).toBe('Paused');
    await page.click('#pause');
    await untilFinished();
    expect(await counts()).toMatchObject({ uploaded: 60, converted: 60 });
  });

  it('accepts dropped files and nested folders, with their paths, but without system files', async () => {
    await photos(120, join(folder, 'album', 'inner'));
    await writeFile(join(folder, 'album', 'text.jpg'), 'I am no photo');
    for (const name of ['.DS_Store', 'inner/._photo-1.jpg'])
      await writeFile(join(folder, 'album', name), 'of an operating system');
    const devtools = await context.newCDPSession(page);
    const data = {
      items: [],
      files: [join(folder, 'album'), PHOTOS[0] ?? ''].map((path) => resolve(path)),
      dragOperationsMask: 1,
    };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
    await untilFinished();
    expect(await page.textContent('#notice')).toContain(
      '2 files ignored (.DS_Store, ._*, Thumbs.db, desktop.ini).',
    );
    expect(await page.locator('#failure-list .name').innerText()).toBe('album/text.jpg');
    const names = await page
      .locator('#gallery .name')
      .evaluateAll((all) => all.map((each) => each.getAttribute('title')));
    expect(names).toContain('album/inner/photo-1.jpg');
    expect(await counts()).toEqual({ uploaded: 122, converted: 121, failed: 1, pending: 0 });
  });

  it('shows markup in a name as plain text', async () => {
    await copyFile(PHOTOS[0] ?? '', join(folder, EVIL));
    await mkdir(join(folder, '<b>bad'));
    await writeFile(join(folder, '<b>bad', EVIL), 'I am no photo');
    await page.setInputFiles('#folder', folder);
    await untilFinished();
    expect(await page.locator('#gallery .name').innerText()).toBe(EVIL);
    expect(await page.locator('#failure-list .name').innerText()).toContain(`<b>bad/${EVIL}`);
    expect(await page.locator('img[src="x"], b:not(.sizes b)').count()).toBe(0);
    await page.waitForFunction(
      () => (document.querySelector<HTMLImageElement>('#gallery img')?.naturalWidth ?? 0) > 0,
    );
  });

  it('has no axe violations, in light and in dark, before and after, wide and on a phone', async () => {
    await photos(3);
    await writeFile(join(folder, 'text.jpg'), 'I am no photo');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page)).toEqual([]);
    }
    await page.setInputFiles('#folder', folder);
    await untilFinished();
    expect(await violationsEverywhere(page)).toEqual([]);
  });

  it('can be used with only the keyboard', async () => {
    const chooser = page.waitForEvent('filechooser');
    const focused = () => page.evaluate(() => document.activeElement?.id);
    while ((await focused()) !== 'choose-files') await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(PHOTOS[0] ?? '');
    await untilFinished();
    while (!(await page.evaluate(() => document.activeElement?.matches('.card'))))
      await page.keyboard.press('Tab');
    expect(await counts()).toMatchObject({ converted: 1 });
  });
});
