import { SETTINGS } from '../src/core/settings.ts';
import { poisonFigures } from '../test/simulation/poison.ts';
import { TIMING } from '../test/support/timing.ts';

/** Prints the effect of poison objects on healthy ones. */

// Metrics would be printed between the lines.
process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`.padStart(22);

process.stdout.write(
  `innocents in the dead-letter queue, batches of ${TIMING.batchSize}, ${SETTINGS.maxReceiveCount} receives\n` +
    `poison${['two lanes', 'naive, in order', 'naive, in any order'].map((text) => text.padStart(22)).join('')}\n`,
);
for (const share of [0.01, 0.1, 0.5]) {
  const { innocents, deadInnocents, naiveInOrder, naiveInAnyOrder } = await poisonFigures(share);
  const cells = [deadInnocents, naiveInOrder, naiveInAnyOrder].map((dead) => percent(dead, innocents));
  process.stdout.write(`${`${share * 100} %`.padStart(6)}${cells.join('')}\n`);
}
