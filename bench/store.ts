import { fileURLToPath } from 'node:url';
import { startChild } from './batch/child.ts';
import type { Benchmark } from './frame/benchmark.ts';
import { withFolder } from './frame/scratch.ts';

const PROCESS = fileURLToPath(new URL('store/process.ts', import.meta.url));
const MILLION = 1_000_000;

export interface Opened {
  /** Time until it answers. */
  seconds: number;
  /** Memory in use after garbage collection. */
  bytes: number;
}

export type Task = { kind: 'fill' | 'look'; count: number } | { kind: 'stop' };

/** Measures the memory and restart time that stored objects cost. */
export const benchmark: Benchmark = {
  id: 'B17',
  workload: 'the local AWS with many small stored objects: memory and restart time',
  baseline: 'the number of objects',
  run(bench) {
    const count = bench.sized({ quick: 1000, default: 50_000, full: MILLION });
    return withFolder(async (folder) => {
      const open = () => startChild<Opened>({ module: PROCESS, args: [folder], env: {} });
      const stop = async (aws: Awaited<ReturnType<typeof open>>) => {
        await aws.ask({ kind: 'stop' } satisfies Task);
        await aws.stop();
      };
      const first = await open();
      const filled = await first.ask<number>({ kind: 'fill', count } satisfies Task);
      await stop(first);
      const again = await open();
      const found = await again.ask<number>({ kind: 'look', count } satisfies Task);
      if (found !== 5) throw new Error(`the last object has ${found} bytes`);
      await stop(again);
      const empty = first.started;
      const { seconds, bytes } = again.started;
      bench.note(`${count} objects: restart ${seconds.toFixed(1)} s, empty ${empty.seconds.toFixed(1)} s`);
      const each = { unit: 'B per object', target: { atMost: 1000 } } as const;
      return [
        { name: `memory, ${count} stored`, value: (filled - empty.bytes) / count, ...each },
        { name: 'memory after a restart', value: (bytes - empty.bytes) / count, ...each },
        {
          name: 'restart',
          value: ((seconds - empty.seconds) / count) * MILLION,
          unit: 's per million objects',
          target: { atMost: 10 },
        },
      ];
    });
  },
};
