import { describe, expect, it, vi } from 'vitest';
import { withVirtualTime } from './clock.ts';
import { SITUATIONS, type Situation } from './coverage.ts';
import { REGRESSIONS } from './regressions.ts';
import { runInParallel } from './run-parallel.ts';
import { CONTENTS, FAULTS, scenarioOf } from './scenario.ts';
import { SCHEDULES } from './schedule.ts';
import { simulate } from './simulate.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

// Set before the worker's modules are loaded, because they read it.
vi.hoisted(() => void (process.env['POWERTOOLS_METRICS_DISABLED'] = 'true'));

const SEEDS = 10_000;

describe('the production worker, simulated', () => {
  it(`keeps its guarantees under the faults of ${SEEDS.toLocaleString('en')} seeds`, async () => {
    const { seeds, steps, faults, redriven, coverage, violations } = await runInParallel(1, SEEDS);
    expect(violations).toEqual([]);
    expect(seeds).toBe(SEEDS);
    // A run without steps and faults proves nothing.
    expect(steps).toBeGreaterThan(50 * SEEDS);
    expect(faults).toBeGreaterThan(SEEDS);
    expect(redriven.sentByWorker).toBeGreaterThan(SEEDS / 50);
    expect(redriven.movedBySqs).toBeGreaterThan(SEEDS / 200);
    const rare = Object.entries(SITUATIONS).filter(
      ([name, least]) => (coverage[name as Situation] ?? 0) < least,
    );
    expect(rare).toEqual([]);
  });

  it.each(REGRESSIONS)('keeps its guarantees under seed $seed, where $was', async ({ seed }) => {
    const { violation } = await withVirtualTime(() => simulate(scenarioOf(seed)));
    expect(violation).toBeUndefined();
  });

  it('takes the same steps for the same seed', async () => {
    const traces = await withVirtualTime(async () => {
      const run = () => simulate(scenarioOf(7), { traced: true });
      return [await run(), await run()];
    });
    expect(traces[0]?.trace.length).toBeGreaterThan(20);
    expect(traces[1]).toEqual(traces[0]);
  });
});

describe('the scenarios', () => {
  const scenarios = Array.from({ length: 300 }, (_, seed) => scenarioOf(seed));

  it.each(FAULTS)('have runs with and without the fault %s', (fault) => {
    const rates = scenarios.map(({ rates: { [fault]: rate } }) => rate);
    expect(rates.some((rate) => rate > 0)).toBe(true);
    expect(rates.some((rate) => rate === 0)).toBe(true);
  });

  it.each(SCHEDULES)('have runs with the schedule %s', (schedule) => {
    expect(scenarios.filter((scenario) => scenario.schedule === schedule).length).toBeGreaterThan(50);
  });

  it('have every kind of action', () => {
    const kinds = scenarios.flatMap(({ actions }) =>
      actions.map((action) => (action.kind === 'upload' ? action.content : action.kind)),
    );
    expect(new Set(kinds)).toEqual(
      new Set([
        ...CONTENTS,
        'delete',
        'delete version',
        'undelete',
        'versioning',
        'expire',
        'delete results',
        'deploy',
        'backfill',
        'operation',
        'view',
        'remove orphans',
        'redrive',
        'junk',
      ]),
    );
  });
});
