import { readConfig } from '../../../src/worker/config.ts';
import type { Conversion } from '../../../src/worker/conversion/conversion.ts';
import { createDeps } from '../../../src/worker/deps.ts';
import { createWorker } from '../../../src/worker/worker.ts';

/**
 * The production worker with a conversion of its own: it upper-cases text, and text that begins with POISON kills
 * the process, as a crash in a decoder would.
 */
const conversion: Conversion = {
  contentTypes: ['text/plain'],
  stamped: true,
  convert(source, recipe, stamp) {
    const text = Buffer.from(source).toString();
    if (text.startsWith('POISON')) process.kill(process.pid, 'SIGKILL');
    const bytes = Buffer.from(`${text.toUpperCase()} [${stamp}]`);
    return Promise.resolve(
      recipe.renditions.map(({ name }) => ({
        rendition: name,
        bytes,
        contentType: 'text/plain',
        width: 1,
        height: 1,
      })),
    );
  },
};

export const handler = createWorker({
  ...createDeps(readConfig(process.env)),
  conversions: { conversionFor: () => Promise.resolve(conversion) },
});
