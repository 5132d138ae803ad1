import { setTimeout as delay } from 'node:timers/promises';
import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';

/** A page that records forbidden events: script errors, dialogs, and violations of the page's policy. */
export async function openPage(context: BrowserContext): Promise<{ page: Page; wrongs: string[] }> {
  const page = await context.newPage();
  const wrongs: string[] = [];
  page.on('pageerror', (error) => wrongs.push(String(error)));
  page.on('dialog', (dialog) => {
    if (dialog.type() !== 'beforeunload') wrongs.push(`a dialog: ${dialog.message()}`);
    void dialog.accept();
  });
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) wrongs.push(message.text());
  });
  return { page, wrongs };
}

/** Describes what the page of a failed test shows, and whether it still draws. */
export async function describePage(page: Page): Promise<string> {
  const shown = page.evaluate(async () => {
    const drawn = new Promise<string>((resolve) => requestAnimationFrame(() => resolve('draws')));
    const late = new Promise<string>((resolve) => setTimeout(resolve, 2000, 'does not draw'));
    const state = await Promise.race([drawn, late]);
    const requests = performance.getEntriesByType('resource').slice(-5);
    const latest = requests.map(
      ({ name, startTime, duration }) => `${name} ended at ${Math.round(startTime + duration)} ms`,
    );
    return [`${state} at ${Math.round(performance.now())} ms`, ...latest, document.body.innerText].join('\n');
  });
  const said = shown.catch((error: unknown) => `cannot be read: ${String(error)}`);
  const late = delay(10_000, 'does not respond', { ref: false });
  return `its page, ${page.url()}, ${await Promise.race([said, late])}`;
}

/** Returns axe's violations in the current page. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found, passes } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string }[] }[];
    passes: unknown[];
  };
  if (passes.length === 0) throw new Error('axe has checked nothing');
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** Returns axe's violations in light and dark, wide and on a phone, and whether the page scrolls horizontally. */
export async function violationsEverywhere(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 800 });
      const here = await violations(page);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (beyond > 0) here.push(`${beyond} pixels are beyond the window`);
      found.push(...here.map((what) => `${colorScheme}, ${width} pixels: ${what}`));
    }
  return found;
}
