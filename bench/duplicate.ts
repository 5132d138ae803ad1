import { withSession } from './batch/session.ts';
import type { Benchmark } from './frame/benchmark.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

/** Measures the cost of a message that was settled before. */
export const benchmark: Benchmark = {
  id: 'B6',
  workload: 'a batch of ten duplicate messages, through the deployed worker',
  baseline: "the same batch's first delivery, JPEG, 1 core",
  async run(bench) {
    const photos = await bench.photos.camera(bench.sized({ quick: 3, default: 10, full: 10 }));
    const rounds = bench.sized({ quick: 1, default: 3, full: 10 });
    return withSession({ photos, format: 'jpeg', cores: 1 }, async ({ upload, invokeWith }) => {
      let records = await upload();
      const settled = async (stored: number) => {
        const invoked = await invokeWith('worker', records);
        const { 'S3 PUT': puts = 0 } = invoked.requests;
        if (puts !== stored) throw new Error(`expected ${stored} stored results, got ${puts}`);
        return invoked;
      };
      const costs = await inTurn(rounds, {
        first: async () => {
          records = await upload();
          return settled(3 * photos.length);
        },
        duplicate: () => settled(0),
      });
      return [
        {
          name: 'time',
          ...ratioOf(
            costs.duplicate.map(({ seconds }) => seconds),
            costs.first.map(({ seconds }) => seconds),
          ),
          target: { atMost: 0.02 },
        },
        {
          name: 'fetched',
          value: Math.max(...costs.duplicate.map(({ bytesRead }) => bytesRead)),
          unit: 'B',
          target: { atMost: 0 },
        },
      ];
    });
  },
};
