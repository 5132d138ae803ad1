import { expect, it } from 'vitest';
import { chaos } from '../chaos/chaos.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

it('keeps its guarantees while its workers, and all its processes, are repeatedly killed', async () => {
  const report = await chaos(300, 1, () => undefined);
  expect(report.contradictions).toEqual([]);
  // Without kills and results, there was nothing to check.
  expect(report.workersKilled).toBeGreaterThan(5);
  expect(report.pipelinesKilled).toBeGreaterThan(0);
  expect(report.results).toBeGreaterThan(30);
});
