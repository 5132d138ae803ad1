import { Rejected, Retryable } from '../../src/core/errors.ts';
import { DEFAULT_RECIPE, parseRecipe } from '../../src/core/recipe.ts';
import { seededRandom } from '../../src/local/random.ts';
import { createConversions } from '../../src/worker/conversion/conversions.ts';
import { damaged } from './damage.ts';
import { imageBases } from './image-bases.ts';

/** What the process says of each case. `code` is `converted`, or that of the error; `wrong` is what nobody expected. */
export type ImageAnswer =
  | { ready: true; formats: number }
  | { seed: number; code: string; wrong?: string; maxRssBytes: number };

const RECIPE = parseRecipe(
  JSON.stringify({
    renditions: [
      { name: 'thumb', width: 32, height: 32, fit: 'cover', effort: 0 },
      { name: 'same', format: 'source', effort: 0 },
    ],
    limits: { ...DEFAULT_RECIPE.limits, seconds: 5 },
  }),
);

const conversions = createConversions();
const bases = await imageBases();
const say = (answer: ImageAnswer) => process.send?.(answer);

async function outcomeOf(bytes: Uint8Array, seed: number): Promise<{ code: string; wrong?: string }> {
  try {
    const conversion = await conversions.conversionFor(bytes);
    const results = await conversion.convert(bytes, RECIPE, `case ${seed}`);
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

process.on('message', (seed: number) => {
  const random = seededRandom(seed);
  const base = bases[seed % bases.length] ?? Buffer.alloc(0);
  void outcomeOf(damaged(base, random, bases), seed).then((outcome) =>
    say({ seed, ...outcome, maxRssBytes: process.resourceUsage().maxRSS * 1024 }),
  );
});

say({ ready: true, formats: bases.length });
