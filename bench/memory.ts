import { availableParallelism } from 'node:os';
import { withSession } from './batch/session.ts';
import type { Benchmark } from './frame/benchmark.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

const BATCHES = 3;

/** Measures the peak memory of the worker's process. */
export const benchmark: Benchmark = {
  id: 'B4',
  workload: `a batch as in B1, JPEG: peak memory after ${BATCHES} batches`,
  baseline: '`Promise.all` over the batch',
  async run(bench) {
    const photos = await bench.photos.camera(bench.sized({ quick: 3, default: 10, full: 10 }));
    const cores = Math.min(2, availableParallelism());
    const peak = (side: 'worker' | 'promise-all') => () =>
      withSession({ photos, format: 'jpeg', cores }, async ({ invoke }) => {
        let bytes = 0;
        for (let batch = 0; batch < BATCHES; batch += 1) bytes = (await invoke(side)).peakBytes;
        bench.note(`${side}: ${(bytes / 1e6).toFixed(0)} MB`);
        return bytes;
      });
    const rounds = bench.sized({ quick: 1, default: 2, full: 5 });
    const bytes = await inTurn(rounds, { worker: peak('worker'), all: peak('promise-all') }, 0);
    return [{ ...ratioOf(bytes.worker, bytes.all), target: { atMost: 0.65 } }];
  },
};
