import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drainPlot } from '../../bench/drain-plot.ts';
import { drainBoth, OBJECTS } from '../../bench/drain-scenario.ts';

describe('the drain in the documents', () => {
  it('is drawn with the model of `millrace estimate`; to redraw it: npm run bench -- B13', () => {
    expect(readFileSync('docs/images/drain.svg', 'utf8')).toBe(drainPlot(1000));
  });

  it('starts with all uploads and ends with none, for both handlers', () => {
    for (const { waiting, drained } of Object.values(drainBoth(1000, 50))) {
      const objects = waiting.map((sample) => sample.objects);
      expect([objects[0], objects.at(-1)]).toEqual([OBJECTS, 0]);
      expect(objects).toEqual(objects.toSorted((a, b) => b - a));
      expect(waiting.at(-1)?.seconds).toBeCloseTo(drained.seconds, 6);
    }
  });
});
