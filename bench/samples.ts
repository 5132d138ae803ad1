import { FORMATS } from './batch/recipe.ts';
import { withSession } from './batch/session.ts';
import type { Benchmark, Measured } from './frame/benchmark.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

/** Throughput relative to each sample pattern that shall be reached. */
const TARGETS = { jpeg: { loop: 1.9, all: 1.5 }, webp: { loop: 1.4, all: 1.2 } } as const;

/** What the worker gains over handlers as sample patterns have them. */
export const benchmark: Benchmark = {
  id: 'B2',
  workload: 'the same batch on 1 core: throughput',
  baseline: 'plain handlers: a for-loop over the batch; `Promise.all` over the batch',
  async run(bench) {
    const photos = await bench.photos.camera(bench.sized({ quick: 3, default: 10, full: 10 }));
    const rounds = bench.sized({ quick: 1, default: 3, full: 10 });
    const measured: Measured[] = [];
    for (const format of ['jpeg', 'webp'] as const)
      await withSession({ photos, format, cores: 1 }, async ({ invoke }) => {
        const seconds = await inTurn(rounds, {
          worker: async () => (await invoke('worker')).seconds,
          loop: async () => (await invoke('for-loop')).seconds,
          all: async () => (await invoke('promise-all')).seconds,
        });
        const { loop, all } = TARGETS[format];
        const name = FORMATS[format];
        measured.push(
          {
            name: `${name}, for-loop`,
            ...ratioOf(seconds.loop, seconds.worker),
            target: { atLeast: loop },
          },
          {
            name: `${name}, Promise.all`,
            ...ratioOf(seconds.all, seconds.worker),
            target: { atLeast: all },
          },
        );
      });
    return measured;
  },
};
