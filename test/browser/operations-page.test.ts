import type { BrowserContext, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { violationsEverywhere } from './browser-page.ts';
import type { TestPipeline } from '../support/pipeline.ts';
import { eventually } from '../support/eventually.ts';
import { letterOf, stubOperations, type OperationsStub } from './operations-stub.ts';
import { usePage } from './use-page.ts';

const EVIL = '"><img src=x onerror=alert(1)>';

describe('the operations page', needs('chromium'), () => {
  const bench = usePage({ reducedMotion: 'reduce' });
  let pipeline: TestPipeline;
  let context: BrowserContext;
  let page: Page;
  let stub: OperationsStub;

  beforeEach(async () => {
    ({ pipeline, context, page } = bench);
    stub = await stubOperations(context, pipeline.url);
  });

  const open = () => page.goto(`${pipeline.url}/operations`);
  const untilText = (id: string, text: string) =>
    page.waitForFunction(
      ([selector = '', wanted = '']) => document.querySelector(selector)?.textContent?.includes(wanted),
      [`#${id}`, text],
    );
  const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
  async function openLetter(code: string, key: string): Promise<void> {
    await page.getByRole('button', { name: code, exact: true }).click();
    await page.locator('.letter', { hasText: key }).click();
    await page.waitForSelector('#drawer[open]');
  }

  it('shows the state in tiles, with sparklines if there is a history', async () => {
    stub.letters = [
      letterOf('image.corrupt', 'a.jpg', { hours: 76.5 }),
      letterOf('process.died', 'b.jpg', { hours: 2.5 }),
    ];
    stub.summary = {
      queues: {
        conversion: { visible: 1200, inFlight: 30, delayed: 4 },
        retry: { visible: 5, inFlight: 0, delayed: 1 },
      },
    };
    // Page and server agree on the current minute, whenever this runs.
    stub.now = Date.now();
    await page.clock.setFixedTime(stub.now);
    await open();
    await untilText('tile-oldest', '3 d 4 h');
    const texts = await page
      .locator('.tile .value')
      .evaluateAll((all) => Object.fromEntries(all.map((each) => [each.id, each.textContent])));
    expect(texts).toEqual({
      'tile-dead': '2',
      'tile-oldest': '3 d 4 h',
      'tile-expires': '10 d 19 h',
      'tile-alarm': 'Alarm',
      'tile-depth': '1,240',
      // The current minute is left out.
      'tile-rate': '58',
      'tile-errors': '3',
    });
    expect(await page.textContent('#note-depth')).toBe('1,234 to convert, 6 to retry');
    expect(await page.textContent('#note-errors')).toBe('60 rejected, 120 failed in the last hour');
    expect(await page.textContent('#note-expires')).toBe('Each is kept for 14 d');
    expect(await page.locator('#spark-rate .line').getAttribute('d')).toMatch(
      /^M0\.0,31\.0(L[\d.]+,[\d.]+){59}$/,
    );
    // The depth has a history from the second update on.
    await page.waitForSelector('#spark-depth .line[d]', { state: 'attached' });
  });

  it('marks dead letters that expire within two days', async () => {
    stub.letters = [letterOf('image.corrupt', 'a.jpg', { hours: 13 * 24 })];
    await open();
    await page.waitForSelector('#tile-expires.serious');
    expect(await page.textContent('#tile-expires')).toMatch(/^(1 d|23 h 59 min)$/);
  });

  it("lists each code's count, age, expiry, whether a retry can help, and one dead letter", async () => {
    stub.letters = [
      letterOf('process.died', 'b.jpg', { hours: 2.5 }),
      letterOf('image.corrupt', 'new.jpg', { hours: 1 }),
      letterOf('image.corrupt', 'old.jpg', { hours: 76.5 }),
    ];
    await open();
    await page.waitForSelector('#groups tbody >> nth=1');
    const rows = await page
      .locator('#groups tbody tr:first-child')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    expect(rows).toEqual([
      ['image.corrupt', '2', '3 d 4 h', '10 d 19 h', 'No, fix the cause first', 'old.jpg'],
      ['process.died', '1', '2 h 30 min', '13 d 21 h', 'Yes, it can', 'b.jpg'],
    ]);
  });

  it('updates by itself, and keeps open what is open', async () => {
    stub.letters = [letterOf('image.corrupt', 'a.jpg')];
    await open();
    await page.getByRole('button', { name: 'image.corrupt', exact: true }).click();
    await page.locator('.letter').waitFor();
    stub.letters = [...stub.letters, letterOf('image.corrupt', 'b.jpg'), letterOf('source.empty', 'c.jpg')];
    await page.locator('.letter', { hasText: 'b.jpg' }).waitFor();
    expect(await page.locator('#groups tbody').count()).toBe(2);
    expect(await page.textContent('#tile-dead')).toBe('3');
    stub.letters = [];
    await untilText('letters-note', 'The queue is empty');
    expect(
      await page
        .locator('#groups, #for-all')
        .evaluateAll((all) => all.every((each) => (each as HTMLElement).hidden)),
    ).toBe(true);
  });

  it('shows one dead letter in full with only the keyboard, and returns the focus', async () => {
    const letter = letterOf('image.corrupt', 'holidays/boat.jpg', { attempts: 3 });
    stub.letters = [{ ...letter, preview: `/ops/dead-letters/${letter.id}/source` }];
    await open();
    await page.locator('#groups tbody').waitFor();
    const tabTo = async (selector: string) => {
      while (!(await page.evaluate((css) => document.activeElement?.matches(css), selector)))
        await page.keyboard.press('Tab');
    };
    await tabTo('.toggle');
    await page.keyboard.press('Enter');
    await page.locator('.letter').waitFor();
    await tabTo('.letter');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#drawer[open]');
    expect(await focused()).toBe('drawer-title');
    await page.waitForFunction(
      () => (document.querySelector<HTMLImageElement>('#drawer-image')?.naturalWidth ?? 0) > 0,
    );
    const drawer = page.locator('#drawer');
    const text = (await drawer.innerText()).replaceAll(/\s+/g, ' ');
    for (const part of [
      'holidays/boat.jpg',
      'the reason of image.corrupt',
      'The image could not be decoded completely.',
      'Attempts 3',
      's3://uploads/holidays/boat.jpg (version v1)',
      `Message id ${letter.id}`,
      'Log group /millrace/worker',
      `Log stream stream-of-${letter.id}`,
      'code image.corrupt',
    ])
      expect(text).toContain(part);
    expect(await page.textContent('#drawer-body')).toBe(
      JSON.stringify(JSON.parse(letter.body), undefined, 2),
    );
    expect(await drawer.getByRole('link', { name: 'runbook' }).getAttribute('href')).toBe(
      '/runbook#image.corrupt',
    );
    // Tab stays in the drawer, because everything behind it is inert.
    for (let index = 0; index < 12; index += 1) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('main') === null)).toBe(true);
    }
    await page.keyboard.press('Escape');
    await page.waitForSelector('#drawer:not([open])', { state: 'attached' });
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('letter');
  });

  it('says so if the browser cannot show the source, and still links to it', async () => {
    const letter = letterOf('image.unsupported_format', 'notes.txt');
    stub.letters = [{ ...letter, preview: '/assets/operations/style.css' }];
    await open();
    await openLetter('image.unsupported_format', 'notes.txt');
    await page.waitForSelector('#drawer-source[href="/assets/operations/style.css"]');
    await page.waitForSelector('#drawer-no-image');
    expect(await page.locator('#drawer-image').isHidden()).toBe(true);
  });

  it('links each code to its heading in the runbook', async () => {
    await page.goto(`${pipeline.url}/runbook#image.corrupt`);
    const target = page.locator(':target');
    expect(await target.innerText()).toBe('image.corrupt');
    await page.getByRole('link', { name: 'Operations' }).click();
    await page.waitForURL('**/operations');
    await page.getByRole('link', { name: 'Upload' }).click();
    await page.waitForURL(`${pipeline.url}/`);
    await page.getByRole('link', { name: 'Operations' }).click();
    await page.waitForURL('**/operations');
  });

  it('shows markup in keys, codes and messages as plain text', async () => {
    stub.letters = [
      letterOf(`image.${EVIL}`, EVIL, {
        message: EVIL,
        body: EVIL,
        attributes: { [EVIL]: { type: 'String', value: EVIL } },
        report: { message: EVIL, logGroup: EVIL, logStream: EVIL },
      }),
    ];
    await open();
    await openLetter(`image.${EVIL}`, EVIL);
    await untilText('drawer-report', 'onerror');
    expect(await page.textContent('#drawer-title')).toBe(EVIL);
    expect(await page.textContent('#drawer-message')).toBe(EVIL);
    expect(await page.textContent('#drawer-body')).toBe(EVIL);
    expect(await page.locator('#drawer-attributes').innerText()).toContain(EVIL);
    await page.click('#drawer-redrive');
    await untilText('redrive-plan', EVIL);
    expect(await page.textContent('#redrive-title')).toBe(`Redrive ${EVIL}`);
    await page.click('#redrive-start');
    await page.locator('#redrive-list li').waitFor();
    Object.assign(stub.redrives[0] ?? {}, { state: 'stopped', reason: EVIL });
    await untilText('redrive-list', EVIL);
    await page.getByRole('button', { name: 'Purge the dead letters of' }).click();
    expect(await page.textContent('#purge-title')).toContain(EVIL);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
  });

  it('says when it cannot reach the server, keeps trying, and recovers by itself', async () => {
    stub.letters = [letterOf('image.corrupt', 'a.jpg')];
    await open();
    await page.locator('#groups tbody').waitFor();
    stub.failing = 'broken';
    await untilText('trouble', 'The server could not be reached. The data shown is not current');
    expect(await page.textContent('#tile-dead')).toBe('1');
    stub.letters = [...stub.letters, letterOf('image.corrupt', 'b.jpg')];
    stub.failing = undefined;
    await page.waitForSelector('#trouble', { state: 'hidden' });
    await untilText('tile-dead', '2');
  });

  it("reads a code's dead letters again if that failed", async () => {
    stub.letters = [letterOf('image.corrupt', 'a.jpg')];
    stub.failingLists = 1;
    await open();
    await page.getByRole('button', { name: 'image.corrupt', exact: true }).click();
    await page.locator('.letter', { hasText: 'a.jpg' }).waitFor();
    expect(stub.failingLists).toBe(0);
  });

  it('shows move tasks that look the same, each once', async () => {
    const task = { status: 'COMPLETED', moved: 3, toMove: 3 };
    stub.moveTasks = [task, task];
    await page.clock.install();
    await open();
    await page.locator('#move-tasks li').nth(1).waitFor();
    const asked = () => stub.asked.filter((each) => each === 'GET /ops/redrives').length;
    const before = asked();
    await eventually('it has asked again', async () => {
      await page.clock.runFor(10_000);
      return asked() >= before + 2;
    });
    expect(await page.locator('#move-tasks li').count()).toBe(2);
  });

  it('keeps a dialog open when its empty part is pressed, and closes it when the page beside it is', async () => {
    stub.letters = [letterOf('image.corrupt', 'a.jpg')];
    await open();
    await openLetter('image.corrupt', 'a.jpg');
    const box = await page.locator('#drawer').boundingBox();
    if (box === null) throw new Error('the drawer is not shown');
    // As browsers do for its scrollbar.
    const press = (drawer: HTMLDialogElement, [clientX = 0, clientY = 0]: number[]) => {
      drawer.dispatchEvent(new MouseEvent('mousedown', { clientX, clientY, bubbles: true }));
      return drawer.open;
    };
    const inside = [box.x + box.width - 1, box.y + 50];
    expect(await page.locator('#drawer').evaluate(press, inside)).toBe(true);
    await page.mouse.click(box.x - 5, box.y + 5);
    await page.waitForSelector('#drawer', { state: 'hidden' });
  });

  it('pauses while it is hidden', async () => {
    await page.clock.install();
    await open();
    await untilText('letters-note', 'The queue is empty');
    const minutesPass = async () => {
      for (let begun = 0; begun < 12; begun += 1) {
        await page.clock.runFor(10_000);
        // All earlier requests of the page have responses before this one.
        await page.evaluate(() => fetch('/ops/summary?last').then((answer) => answer.text()));
      }
    };
    const looks: string[] = [];
    page.on('request', (request) =>
      looks.push(new URL(request.url()).pathname + new URL(request.url()).search),
    );
    const own = () => looks.filter((path) => path !== '/ops/summary?last').length;
    await minutesPass();
    expect(own()).toBeGreaterThan(0);
    const show = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await show(true);
    // An update in progress completes.
    await minutesPass();
    const before = own();
    await minutesPass();
    expect(own()).toBe(before);
    const again = page.waitForRequest('**/ops/summary');
    await show(false);
    await again;
  });

  it("shows the server's refusals", async () => {
    await context.unroute(`${pipeline.url}/ops/**`);
    await context.route(`${pipeline.url}/ops/**`, (route) =>
      route.fulfill({ status: 502, json: { code: 'storage.unavailable', detail: 'SQS failed; try again' } }),
    );
    await open();
    await untilText('trouble', 'SQS failed; try again. This page keeps trying.');
    expect(await page.locator('#operations').isHidden()).toBe(true);
  });

  it('explains that operations need their own permission', async () => {
    stub.failing = 403;
    await open();
    await page.waitForSelector('#forbidden');
    expect(await page.locator('main').innerText()).toContain('Operations need their own permission');
    expect(await page.locator('#operations').isHidden()).toBe(true);
    expect(await page.locator('#trouble').isHidden()).toBe(true);
    stub.failing = undefined;
    await page.waitForSelector('#operations');
    expect(await page.locator('#forbidden').isHidden()).toBe(true);
  });

  it('shows some of ten thousand dead letters of a code, and more on request', async () => {
    stub.letters = Array.from({ length: 10_000 }, (_, index) => letterOf('process.died', `${index}.jpg`));
    await open();
    await page.locator('#groups tbody').waitFor();
    await page.evaluate(() => {
      let touched = 0;
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes)
          for (const node of addedNodes)
            touched += 1 + (node instanceof Element ? node.querySelectorAll('*').length : 0);
        document.body.dataset.touched = String(touched);
      }).observe(document.body, { childList: true, subtree: true });
    });
    await page.getByRole('button', { name: 'process.died', exact: true }).click();
    await page.locator('.letter').first().waitFor();
    expect(await page.locator('.letter').count()).toBe(50);
    const touched = async () => Number(await page.evaluate(() => document.body.dataset.touched));
    expect(await touched()).toBeGreaterThan(50);
    expect(await touched()).toBeLessThan(1000);
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.locator('.letter').nth(99).waitFor();
    expect(await page.locator('.letter').count()).toBe(100);
    expect(await touched()).toBeLessThan(2000);
  });

  it('has no axe violations: page, drawer and dialogs', async () => {
    const letter = letterOf('image.corrupt', 'holidays/a-rather-long-name-of-a-photo-of-some-boats.jpg');
    stub.letters = [
      { ...letter, preview: `/ops/dead-letters/${letter.id}/source` },
      letterOf('process.died', 'b.jpg'),
    ];
    await open();
    await page.locator('#groups tbody').first().waitFor();
    await page.getByRole('button', { name: 'image.corrupt', exact: true }).click();
    await page.locator('.letter').waitFor();
    expect(await violationsEverywhere(page)).toEqual([]);

    await page.locator('.letter').click();
    await untilText('drawer-report', 'logStream');
    expect(await violationsEverywhere(page)).toEqual([]);
    await page.keyboard.press('Escape');

    await page.click('#redrive-all');
    await untilText('redrive-note', '2 dead letters');
    expect(await violationsEverywhere(page)).toEqual([]);
    await page.click('#redrive-start');
    await page.locator('#redrive-list li').waitFor();
    expect(await violationsEverywhere(page)).toEqual([]);

    await page.click('#purge-all');
    await page.click('#purge-copy');
    await page.waitForSelector('#queue-name');
    expect(await violationsEverywhere(page)).toEqual([]);
    await page.fill('#queue-name', 'millrace-dead-letters');
    expect(await violationsEverywhere(page)).toEqual([]);
    await page.keyboard.press('Escape');

    stub.failing = 403;
    await page.waitForSelector('#forbidden');
    expect(await violationsEverywhere(page)).toEqual([]);
    await page.goto(`${pipeline.url}/runbook`);
    expect(await violationsEverywhere(page)).toEqual([]);
  });
});
