import { availableParallelism } from 'node:os';
import type { Bench, Benchmark, Measured } from './frame/benchmark.ts';
import { FORMATS, type Format } from './batch/recipe.ts';
import { withSession } from './batch/session.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

const BATCH = 10;
const CPU = { jpeg: 1.1, webp: 1.05 } as const;

/** Measures the worker's overhead over the conversion. */
export const benchmark: Benchmark = {
  id: 'B1',
  workload:
    'a batch of ten 12-megapixel photos, three renditions, through the deployed worker; S3 latency 30 ms',
  baseline: 'bare sharp in memory, one decode for three renditions',
  async run(bench) {
    const measured: Measured[] = [];
    for (const format of ['jpeg', 'webp'] as const)
      for (const cores of [1, 2]) {
        if (cores > availableParallelism())
          bench.note(`B1 on ${cores} cores: skipped, this machine has only one`);
        else measured.push(...(await compare(bench, format, cores)));
      }
    return measured;
  },
};

async function compare(bench: Bench, format: Format, cores: number): Promise<Measured[]> {
  const photos = await bench.photos.camera(bench.sized({ quick: 3, default: BATCH, full: BATCH }));
  const rounds = bench.sized({ quick: 1, default: 5, full: 15 });
  return withSession({ photos, format, cores }, async ({ invoke }) => {
    const costs = await inTurn(rounds, {
      worker: () => invoke('worker'),
      cascade: () => invoke('cascade'),
    });
    const requests = Object.entries(costs.worker[0]?.requests ?? {});
    bench.note(
      `requests for a batch of ${photos.length}: ${requests.map((each) => each.join(' ')).join(', ')}`,
    );
    const name = `${FORMATS[format]}, ${cores === 1 ? '1 core' : `${cores} cores`}`;
    const of = (what: 'seconds' | 'cpuSeconds') =>
      ratioOf(
        costs.worker.map((cost) => cost[what]),
        costs.cascade.map((cost) => cost[what]),
      );
    return [
      { name: `${name}: time`, ...of('seconds'), target: { atMost: cores === 1 ? 1.05 : 1.1 } },
      { name: `${name}: CPU`, ...of('cpuSeconds'), target: { atMost: CPU[format] } },
    ];
  });
}
