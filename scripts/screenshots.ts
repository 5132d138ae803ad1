import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { DEFAULT_RECIPE } from '../src/core/recipe.ts';
import { startPipeline } from '../src/local/pipeline.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { corruptJpeg, PHOTOS, pngBomb, svg } from '../test/support/images.ts';

/** Takes the README's screenshots from a running pipeline: both pages, light and dark, wide and on a phone. */

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const SIZES = {
  wide: { viewport: { width: 1280, height: 1200 }, deviceScaleFactor: 1 },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true },
} as const;
/** Runs in the page. Loads all pictures immediately; the page loads them when they come into view. */
const LOAD_PICTURES = `Promise.all([...document.querySelectorAll('#gallery img')].map((picture) => {
  picture.loading = 'eager';
  return picture.decode();
}))`;
const MOST_BYTES = 150_000;
const PATIENCE = { timeout: 110_000 };

const { page: wanted } = new Command('screenshots')
  .description("take the README's screenshots from a pipeline on this machine")
  .option('--page <name>', 'only this page: upload or operations')
  .parse()
  .opts<{ page?: string }>();
const pages = ['upload', 'operations'].filter((name) => wanted === undefined || name === wanted);
if (pages.length === 0) throw new Error(`--page: expected upload or operations, got ${wanted}`);

await mkdir(IMAGES, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'millrace-screenshots-'));
const pipeline = await startPipeline({
  port: 0,
  awsPort: 0,
  recipe: DEFAULT_RECIPE,
  concurrency: 2,
  onNotice: (text) => void process.stderr.write(`${text}\n`),
});
const browser = await launchBrowser();
try {
  await gatherFiles();
  const batch = await uploadAll(browser);
  if (pages.includes('upload')) await takeAll('upload', batch, uploadIsThere);
  if (pages.includes('operations')) {
    const operations = `${pipeline.url}/operations`;
    await redriveAll(browser, operations);
    await takeAll('operations', operations, operationsAreThere);
  }
} finally {
  await browser.close();
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Collects the six photos, and files that cannot be converted. */
async function gatherFiles(): Promise<void> {
  for (const photo of PHOTOS) {
    const name = basename(dirname(dirname(photo))).replace('datasets-img-', '');
    await copyFile(photo, join(folder, `${name}.jpg`));
  }
  await writeFile(join(folder, 'broken-on-the-way.jpg'), await corruptJpeg());
  await writeFile(join(folder, 'drawing.svg'), svg());
  await writeFile(join(folder, 'scan.png'), pngBomb());
  await writeFile(join(folder, 'empty.jpg'), '');
}

/** Uploads through the page. Returns the batch's address after all files are processed. */
async function uploadAll(by: Browser): Promise<string> {
  const page = await by.newPage();
  await page.goto(pipeline.url);
  const files = await readdir(folder);
  await page.setInputFiles(
    '#files',
    files.map((name) => join(folder, name)),
  );
  await page.getByText('Finished', { exact: true }).waitFor(PATIENCE);
  const url = page.url();
  await page.close();
  return url;
}

/** Redrives through the page and waits for the end. Most objects fail again, as expected. */
async function redriveAll(by: Browser, url: string): Promise<void> {
  const page = await by.newPage();
  await page.goto(url);
  await page.waitForSelector('#groups tbody', PATIENCE);
  await page.click('#redrive-all');
  await page.fill('#reason', 'Trying again after the deployment');
  await page.waitForSelector('#redrive-start:enabled', PATIENCE);
  await page.click('#redrive-start');
  await page.waitForSelector('#redrive-list li:not([data-state="running"])', PATIENCE);
  await page.close();
}

async function takeAll(name: string, url: string, isThere: (page: Page) => Promise<void>): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [size, options] of Object.entries(SIZES)) {
      const context = await browser.newContext({ ...options, colorScheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(url);
      await isThere(page);
      const file = `${name}-${colorScheme}-${size}.png`;
      const bytes = await compress(await page.screenshot());
      await writeFile(join(IMAGES, file), bytes);
      process.stdout.write(`${file.padEnd(30)} ${String(bytes.byteLength).padStart(8)} bytes\n`);
      await context.close();
    }
}

async function uploadIsThere(page: Page): Promise<void> {
  await page.getByText('Finished', { exact: true }).waitFor(PATIENCE);
  await page
    .locator('#gallery img')
    .nth(PHOTOS.length - 1)
    .waitFor(PATIENCE);
  await page.evaluate(LOAD_PICTURES);
}

async function operationsAreThere(page: Page): Promise<void> {
  await page.waitForSelector('#groups tbody', PATIENCE);
  // A line needs two data points.
  await page.waitForSelector('#spark-depth .line[d]', { ...PATIENCE, state: 'attached' });
}

/** Uses as many colours as the size limit allows. @throws Error if even the fewest are too many */
async function compress(png: Buffer): Promise<Buffer> {
  for (const colours of [256, 128, 64]) {
    const bytes = await sharp(png)
      .png({ palette: true, colours, effort: 10, compressionLevel: 9 })
      .toBuffer();
    if (bytes.byteLength < MOST_BYTES) return bytes;
  }
  throw new Error(`a screenshot has more than ${MOST_BYTES} bytes even in 64 colours`);
}
