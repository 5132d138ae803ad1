import { seededRandom } from '@millrace/local-aws/models';
import { Rejected, Retryable } from '../../src/core/errors.ts';
import { DEFAULT_RECIPE, parseRecipe } from '../../src/core/recipe.ts';
import { convertImage } from '../support/convert-image.ts';
import { damaged } from './damage.ts';
import { imageBases } from './image-bases.ts';
import { LIMIT_SECONDS } from './image-limits.ts';

/** The process's answer for each case. `code` is `converted` or the error's code; `wrong` is an unexpected error. */
export type ImageAnswer =
  | { ready: true; formats: number }
  | { seed: number; code: string; wrong?: string; maxRssBytes: number; cpuSeconds: number };

const RECIPE = parseRecipe(
  JSON.stringify({
    renditions: [
      { name: 'thumb', width: 32, height: 32, fit: 'cover', effort: 0 },
      { name: 'same', format: 'source', effort: 0 },
    ],
    limits: { ...DEFAULT_RECIPE.limits, seconds: LIMIT_SECONDS },
  }),
);

const bases = await imageBases();
const say = (answer: ImageAnswer) => process.send?.(answer);

async function outcomeOf(bytes: Uint8Array, seed: number): Promise<{ code: string; wrong?: string }> {
  try {
    const results = await convertImage(bytes, RECIPE, `case ${seed}`);
    const sound = results.every(
      (result) => result.bytes.byteLength > 0 && result.width > 0 && result.height > 0,
    );
    const whole = results.length === RECIPE.renditions.length && sound;
    return { code: 'converted', ...(whole ? {} : { wrong: 'a result is empty or missing' }) };
  } catch (error) {
    if (error instanceof Rejected) return { code: error.code };
    const wrong = error instanceof Retryable ? error.message : String(error);
    return { code: error instanceof Retryable ? error.code : 'none', wrong };
  }
}

async function run(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const base = bases[seed % bases.length] ?? Buffer.alloc(0);
  const bytes = damaged(base, random, bases);
  const before = process.cpuUsage();
  const outcome = await outcomeOf(bytes, seed);
  const { user, system } = process.cpuUsage(before);
  const maxRssBytes = process.resourceUsage().maxRSS * 1024;
  say({ seed, ...outcome, maxRssBytes, cpuSeconds: (user + system) / 1e6 });
}

process.on('message', (seed: number) => void run(seed));

say({ ready: true, formats: bases.length });
