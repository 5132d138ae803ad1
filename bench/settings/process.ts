import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import sharp from 'sharp';
import { DEFAULT_RECIPE, parseRecipe } from '../../src/core/recipe.ts';
import { cpuSeconds, peakBytes } from '../frame/usage.ts';
import { inspect } from '../../src/worker/conversion/image/inspect.ts';
import { deadlineIn } from '../../src/worker/conversion/image/limits.ts';
import { render } from '../../src/worker/conversion/image/render.ts';
import { configureSharp } from '../../src/worker/conversion/image/sharp.ts';

/** Converts a folder's photos and prints the cost, for B19. Arguments: folder, concurrent conversions, threads each. */

const [folder = '', conversions, threads] = process.argv.slice(2);
const { limits } = DEFAULT_RECIPE;
const { renditions } = parseRecipe(
  '{"renditions":[{"name":"large","width":1600},{"name":"medium","width":800},{"name":"small","width":320}]}',
);

configureSharp();
sharp.concurrency(Number(threads));
const files = await readdir(folder);
const before = cpuSeconds();
const begun = performance.now();
const limit = pLimit(Number(conversions));
await Promise.all(files.map((file) => limit(() => convert(join(folder, file)))));
process.stdout.write(
  JSON.stringify({
    seconds: (performance.now() - begun) / 1000,
    cpuSeconds: cpuSeconds() - before,
    peakBytes: peakBytes(),
  }),
);

async function convert(file: string): Promise<void> {
  const photo = await readFile(file);
  const within = { ...limits, deadline: deadlineIn(limits.seconds) };
  await render(photo, await inspect(photo, within), renditions, within, 'stamp');
}
