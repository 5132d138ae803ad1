import { availableParallelism } from 'node:os';
import type { Bench, Benchmark, Measured } from './frame/benchmark.ts';
import { FORMATS, type Format } from './batch/recipe.ts';
import { withSession } from './batch/session.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

const BATCH = 10;
const CPU = { jpeg: 1.1, webp: 1.05 } as const;

/** What the worker adds to the conversion. */
export const benchmark: Benchmark = {
  id: 'B1',
  workload:
    'a batch of ten photos of 12 megapixels, three renditions, through the deployed worker; S3 answers after 30 ms',
  baseline: 'one decode for three renditions by bare sharp, in memory',
  async run(bench) {
    const measured: Measured[] = [];
    for (const format of ['jpeg', 'webp'] as const)
      for (const cores of [1, 2]) {
        if (cores > availableParallelism()) bench.note(`B1 on ${cores} cores: skipped, this machine has one`);
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
      `requests of a batch of ${photos.length}: ${requests.map((each) => each.join(' ')).join(', ')}`,
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
