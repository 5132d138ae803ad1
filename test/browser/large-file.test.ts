import { copyFile, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/core/recipe.ts';
import { launchBrowser } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { PHOTOS } from '../support/images.ts';
import { listKeys, startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

describe('the upload page', needs('chromium'), () => {
  let pipeline: TestPipeline;
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    const recipe = parseRecipe(JSON.stringify({ limits: { bytes: 150_000_000 } }));
    pipeline = await startTestPipeline({ recipe });
    browser = await launchBrowser();
    folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  });
  afterAll(async () => {
    await browser.close();
    await pipeline.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('uploads a file above 100 MB in parts, and shows its result', async () => {
    const path = join(folder, 'large.jpg');
    await copyFile(PHOTOS[0] ?? '', path);
    // A JPEG may be followed by arbitrary bytes.
    await truncate(path, 101_000_000);
    const page = await browser.newPage();
    await page.goto(pipeline.url);
    await page.setInputFiles('#files', path);
    await page.waitForFunction(() => document.querySelector('#pace')?.textContent === 'Finished', undefined, {
      timeout: 600_000,
    });
    expect(await page.textContent('#count-done')).toBe('1');
    const [Key] = await listKeys(pipeline.s3, 'uploads');
    const head = await pipeline.s3.send(new HeadObjectCommand({ Bucket: 'uploads', Key }));
    expect(head.ContentLength).toBe(101_000_000);
    // Seven parts of 16 MiB.
    expect(head.ETag).toMatch(/-7"$/);
  });
});
