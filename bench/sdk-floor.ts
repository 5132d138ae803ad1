import type { Benchmark, Measured } from './frame/benchmark.ts';
import { FORMATS } from './batch/recipe.ts';
import { withSession } from './batch/session.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

/** Splits the overhead that B1 measures between the SDK's requests and the worker's own code. */
export const benchmark: Benchmark = {
  id: 'B23',
  workload: 'a batch as in B1 on 1 core: CPU',
  baseline: 'the same requests by the same SDK clients and the cascade, with nothing else',
  async run(bench) {
    const photos = await bench.photos.camera(bench.sized({ quick: 3, default: 10, full: 10 }));
    const rounds = bench.sized({ quick: 1, default: 3, full: 15 });
    const measured: Measured[] = [];
    for (const format of ['jpeg', 'webp'] as const)
      await withSession({ photos, format, cores: 1 }, async ({ invoke }) => {
        const seconds = await inTurn(rounds, {
          worker: async () => (await invoke('worker')).cpuSeconds,
          requests: async () => (await invoke('requests')).cpuSeconds,
          cascade: async () => (await invoke('cascade')).cpuSeconds,
        });
        const name = FORMATS[format];
        measured.push(
          { name: `${name}, worker`, ...ratioOf(seconds.worker, seconds.requests) },
          {
            name: `${name}, requests and cascade against the cascade`,
            ...ratioOf(seconds.requests, seconds.cascade),
          },
        );
      });
    return measured;
  },
};
