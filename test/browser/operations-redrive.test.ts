import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import type { TestPipeline } from '../support/pipeline.ts';
import { letterOf, stubOperations, type OperationsStub, type Redrive } from './operations-stub.ts';
import { usePage } from './use-page.ts';

describe('redrive, export and purge from the operations page', needs('chromium'), () => {
  const bench = usePage({ reducedMotion: 'reduce' });
  let pipeline: TestPipeline;
  let context: BrowserContext;
  let page: Page;
  let stub: OperationsStub;

  beforeEach(async () => {
    ({ pipeline, context, page } = bench);
    stub = await stubOperations(context, pipeline.url);
    stub.letters = [
      ...Array.from({ length: 40 }, (_, index) => letterOf('process.died', `${index}.jpg`)),
      letterOf('image.corrupt', 'bad.jpg'),
    ];
    await page.goto(`${pipeline.url}/operations`);
    await page.locator('#groups tbody').first().waitFor();
  });

  const untilText = (id: string, text: string) =>
    page.waitForFunction(
      ([selector = '', wanted = '']) => document.querySelector(selector)?.textContent?.includes(wanted),
      [`#${id}`, text],
    );
  const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
  const advance = (counts: Partial<Redrive['counts']>, change: Partial<Redrive> = {}) => {
    const [redrive] = stub.redrives;
    if (redrive === undefined) throw new Error('no redrive has begun');
    Object.assign(redrive, change, { counts: { ...redrive.counts, ...counts } });
  };
  const widths = () =>
    page
      .locator('#redrive-list li:first-child .part')
      .evaluateAll((all) => all.map((part) => Number.parseFloat((part as HTMLElement).style.width)));
  async function openCode(code: string): Promise<void> {
    await page.getByRole('button', { name: code, exact: true }).click();
    await page.locator('.letter').first().waitFor();
  }
  async function start(): Promise<void> {
    await page.waitForSelector('#redrive-start:enabled');
    await page.click('#redrive-start');
    await page.locator('#redrive-list li').first().waitFor();
  }

  it('plans, sends a canary, then shows the redrive live until its end', async () => {
    await openCode('process.died');
    await page.getByRole('button', { name: 'Redrive the dead letters of process.died' }).click();
    expect(await focused()).toBe('redrive-title');
    await untilText('redrive-note', 'This would move 40 dead letters:');
    expect(await page.locator('#redrive-plan li').allInnerTexts()).toEqual([
      expect.stringMatching(/40\s+process\.died\s+trying again can help/),
    ]);
    expect(stub.redrives).toEqual([]);
    expect(await page.inputValue('#canary')).toBe('5');
    expect(await page.inputValue('#rate')).toBe('50');
    expect(await page.inputValue('#stop-if-failing')).toBe('20');
    await page.fill('#canary', '7');
    await page.fill('#reason', 'more memory');
    await start();
    expect(stub.bodies).toEqual([
      { filter: { code: 'process.died' }, plan: true },
      { filter: { code: 'process.died' }, canary: 7, rate: 50, stopIfFailing: 0.2, reason: 'more memory' },
    ]);
    expect(await page.locator('#redrive').evaluate((dialog) => (dialog as HTMLDialogElement).open)).toBe(
      false,
    );
    expect(await focused()).toBe('redrives-title');
    expect(await page.locator('#redrive-list li').innerText()).toContain('by tester · more memory');

    advance({ moved: 7, converted: 2, pending: 5 });
    await untilText('redrive-list', '7 moved · 2 converted · 0 failed again · 5 pending');
    // Out of the forty that are planned.
    expect(await widths()).toEqual([5, 0, 0, 12.5]);
    advance({ moved: 40, converted: 30, failedAgain: 4, pending: 6 });
    await untilText('redrive-list', '40 moved · 30 converted · 4 failed again · 6 pending');
    expect(await widths()).toEqual([75, 10, 0, 15]);
    stub.letters = [letterOf('image.corrupt', 'bad.jpg')];
    advance({ converted: 36, pending: 0 }, { state: 'done' });
    await untilText('announce', 'Ended: done');
    expect(await page.locator('.state').innerText()).toBe('Done');
    await page.waitForFunction(() => document.querySelectorAll('#groups tbody').length === 1);
    expect(await page.getByRole('button', { name: 'Cancel' }).count()).toBe(0);
  });

  it('does not read the queue while messages are moved and followed', async () => {
    await page.click('#redrive-all');
    await start();
    const readings = () => stub.asked.filter((asked) => asked === 'GET /ops/dead-letters').length;
    const before = readings();
    stub.letters = stub.letters.slice(10);
    advance({ moved: 10, pending: 10 });
    await untilText('tile-dead', '31');
    await untilText('redrive-list', '10 pending');
    expect(readings()).toBe(before);
    advance({ converted: 10, pending: 0 }, { state: 'done' });
    await untilText('groups', '30');
    expect(readings()).toBeGreaterThan(before);
  });

  it('says when there is no news of a redrive, and does not wait for it forever', async () => {
    await page.click('#redrive-all');
    await start();
    advance({ moved: 10, pending: 10 }, { updatedAt: new Date(Date.now() - 600_500).toISOString() });
    await untilText('redrive-list', 'No progress reported for 10 min: the process may have died.');
    stub.letters = stub.letters.slice(10);
    await untilText('groups', '30');
    expect(await page.locator('.state').innerText()).toBe('Running');
  });

  it('cancels a running redrive', async () => {
    await page.click('#redrive-all');
    await start();
    advance({ moved: 10, pending: 10 });
    await page.getByRole('button', { name: 'Cancel the redrive' }).click();
    await page.getByText('Cancelling…').waitFor();
    expect(stub.redrives[0]?.cancelRequested).toBe(true);
    expect(await page.getByRole('button', { name: 'Cancel the redrive' }).isDisabled()).toBe(true);
    advance({ converted: 10, pending: 0 }, { state: 'cancelled' });
    await page.getByText('Cancelled', { exact: true }).waitFor();
    await untilText('announce', 'Ended: cancelled');
  });

  it('says why it stopped if the canary fails', async () => {
    await page.click('#redrive-all');
    await start();
    const reason = '4 of 5 of the canary failed again; the rest was not moved';
    advance({ moved: 5, converted: 1, failedAgain: 4 }, { state: 'stopped', reason });
    await untilText('redrive-list', reason);
    expect(await page.locator('.state').innerText()).toBe('Stopped');
    // Out of the five that were moved; no more will be.
    expect(await widths()).toEqual([20, 80, 0, 0]);
  });

  it('redrives a single dead letter from the drawer, without a canary', async () => {
    await openCode('image.corrupt');
    await page.locator('.letter').click();
    await page.click('#drawer-redrive');
    await untilText('redrive-note', 'This would move 1 dead letter:');
    expect(await page.locator('#redrive-plan').innerText()).toContain(
      'fails again unless you fixed the cause',
    );
    expect(await page.locator('#redrive-pace').isHidden()).toBe(true);
    await start();
    const { id } = stub.letters.at(-1) ?? {};
    expect(stub.bodies.at(-1)).toEqual({ filter: { key: id }, rate: 50, stopIfFailing: 0.2, reason: '' });
    expect(await page.locator('dialog[open]').count()).toBe(0);
  });

  it('starts with the usual values after it was left with wrong ones', async () => {
    await page.click('#redrive-all');
    await page.waitForSelector('#redrive-start:enabled');
    await page.fill('#rate', '501');
    await page.fill('#reason', 'INC-1');
    await page.keyboard.press('Escape');
    await openCode('image.corrupt');
    await page.locator('.letter').click();
    await page.click('#drawer-redrive');
    await start();
    expect(stub.bodies.at(-1)).toMatchObject({ rate: 50, reason: '' });
  });

  it("does not start with values out of bounds, and shows the server's refusals", async () => {
    await page.click('#redrive-all');
    await page.waitForSelector('#redrive-start:enabled');
    await page.fill('#rate', '501');
    await page.click('#redrive-start');
    expect(await focused()).toBe('rate');
    await page.fill('#rate', '500');
    await page.fill('#canary', '1001');
    await page.click('#redrive-start');
    expect(await focused()).toBe('canary');
    expect(stub.bodies).toHaveLength(1);
    await page.fill('#canary', '1000');
    stub.failing = 500;
    await page.click('#redrive-start');
    await untilText('redrive-problem', 'The server answered with status 500.');
    stub.failing = undefined;
    await start();
    expect(stub.bodies.at(-1)).toMatchObject({ canary: 1000, rate: 500 });
  });

  it('downloads an export', async () => {
    await openCode('image.corrupt');
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export the dead letters of image.corrupt' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^dead-letters-image\.corrupt-.*\.jsonl$/);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(stub.letters.slice(-1));
    await untilText('told', '1 dead letter saved as dead-letters-image.corrupt-');
  });

  it('purges only after the copy is downloaded and the name typed, and only what the copy contains', async () => {
    await openCode('process.died');
    await page.getByRole('button', { name: 'Purge the dead letters of process.died' }).click();
    expect(await page.locator('#queue-name').isHidden()).toBe(true);
    expect(await page.locator('#purge-start').isDisabled()).toBe(true);
    const downloading = page.waitForEvent('download');
    await page.click('#purge-copy');
    const copied = stub.letters.slice(0, 40).map(({ id }) => id);
    const lines = (await readFile(await (await downloading).path(), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(copied);
    await untilText('purge-note', 'holds 40 dead letters');
    expect(await focused()).toBe('queue-name');
    // It arrived after the copy, and one of the copied messages is gone.
    const later = letterOf('process.died', 'later.jpg');
    stub.letters = [...stub.letters.slice(1), later];

    await page.fill('#queue-name', 'millrace-dead-letter');
    expect(await page.locator('#purge-start').isDisabled()).toBe(true);
    await page.keyboard.press('Enter');
    expect(stub.bodies).toEqual([]);
    await page.fill('#queue-name', 'millrace-dead-letters');
    await page.keyboard.press('Enter');
    await untilText('purge-note', '39 dead letters deleted. 1 was no longer in the queue.');
    expect(stub.bodies).toEqual([{ queueName: 'millrace-dead-letters', ids: copied }]);
    expect(stub.letters.map(({ code, objects }) => `${code} ${objects[0]?.key}`)).toEqual([
      'image.corrupt bad.jpg',
      'process.died later.jpg',
    ]);
    expect(await focused()).toBe('purge-title');
  });

  it('says if a copy is incomplete, and purges the rest in further requests', async () => {
    const [first] = stub.letters;
    await context.route('**/ops/dead-letters/export', (route) =>
      route.fulfill({ headers: { 'millrace-complete': 'false' }, body: `${JSON.stringify(first)}\n` }),
    );
    const answers = [
      { deleted: 0, missing: 1, complete: false },
      { deleted: 1, missing: 0, complete: true },
    ];
    const purged: unknown[] = [];
    await context.route('**/ops/purges', (route) => {
      purged.push(route.request().postDataJSON());
      return route.fulfill({ json: answers.shift() });
    });
    await page.click('#export-all');
    await untilText('told', 'The queue holds more dead letters than fit in one copy');
    await page.click('#purge-all');
    await page.click('#purge-copy');
    await untilText('purge-note', 'The queue holds more dead letters than fit in one copy');
    await page.fill('#queue-name', 'millrace-dead-letters');
    await page.keyboard.press('Enter');
    await untilText('purge-note', '1 dead letter deleted.');
    expect(purged).toHaveLength(2);
  });

  it('purges nothing if the copy fails or is incomplete', async () => {
    await page.click('#purge-all');
    stub.failing = 500;
    await page.click('#purge-copy');
    await untilText('purge-problem', 'The server answered with status 500.');
    expect(await page.locator('#queue-name').isHidden()).toBe(true);
    stub.failing = undefined;
    await context.route('**/ops/dead-letters/export', (route) =>
      route.fulfill({ body: `${JSON.stringify(stub.letters[0])}\n{"id":"cut o` }),
    );
    await page.click('#purge-copy');
    await untilText('purge-problem', 'The copy is incomplete: line 2 is not a dead letter.');
    expect(await page.locator('#queue-name').isHidden()).toBe(true);
    expect(await page.locator('#purge-start').isDisabled()).toBe(true);
    expect(stub.bodies).toEqual([]);
  });
});
