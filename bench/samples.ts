import { FORMATS } from './batch/recipe.ts';
import { withSession } from './batch/session.ts';
import type { Benchmark, Measured } from './frame/benchmark.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

/** Target throughput relative to each sample pattern. */
const TARGETS = { jpeg: { loop: 1.9, all: 1.5 }, webp: { loop: 1.4, all: 1.2 } } as const;

/** Compares the worker with handlers written like the sample patterns. */
export const benchmark: Benchmark = {
  id: 'B2',
  workload: 'a batch as in B1 on 1 core: throughput',
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
