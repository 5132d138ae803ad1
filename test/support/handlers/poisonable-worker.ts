import { readConfig } from '../../../src/worker/config.ts';
import { createDeps } from '../../../src/worker/deps.ts';
import { createWorker } from '../../../src/worker/worker.ts';
import { insteadOfImages, textResult } from '../conversions.ts';

/**
 * The production worker with a different conversion: it upper-cases text, and text that starts with POISON kills the
 * process, as a crash in a decoder would.
 */
const conversions = insteadOfImages((content, { renditions, stamp }) => {
  const text = Buffer.from(content).toString();
  if (text.startsWith('POISON')) process.kill(process.pid, 'SIGKILL');
  const result = `${text.toUpperCase()} [${stamp}]`;
  return Promise.resolve(renditions.map((name) => textResult(name, result)));
});

export const handler = createWorker({
  ...createDeps(readConfig(process.env)),
  conversions,
});
