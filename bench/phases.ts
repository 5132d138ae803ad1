import type { Profiled } from './batch/sides/profiled.ts';
import { withSession } from './batch/session.ts';
import type { Benchmark } from './frame/benchmark.ts';
import { flameGraph, PHASE_NAMES } from './phases/flame-graph.ts';
import { mergeProfiles, PHASES, timeByPhase } from './phases/frames.ts';

const GRAPH = 'docs/images/worker-profile.svg';

/** Shows where the worker's CPU time goes. */
export const benchmark: Benchmark = {
  id: 'B24',
  workload: 'CPU milliseconds per photo of a batch as in B1, JPEG, 1 core, by whose code runs',
  baseline: 'none; a CPU profile of the worker, not minified',
  async run(bench) {
    const photos = await bench.photos.camera(bench.sized({ quick: 3, default: 10, full: 10 }));
    const rounds = bench.sized({ quick: 1, default: 3, full: 15 });
    return withSession({ photos, format: 'jpeg', cores: 1 }, async ({ invoke }) => {
      // The first batches compile the code.
      for (let round = 0; round < 2; round += 1) await invoke('profiled');
      const batches: { cpuSeconds: number; answer: Profiled }[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const { cpuSeconds, answer } = await invoke('profiled');
        batches.push({ cpuSeconds, answer: answer as Profiled });
      }
      const code = batches[0]?.answer.code ?? '';
      const { root, profiler } = mergeProfiles(
        batches.map(({ answer }) => answer.profile),
        code,
      );
      const perPhoto = (microseconds: number) => microseconds / 1000 / rounds / photos.length;
      const cpu = batches.reduce((sum, { cpuSeconds }) => sum + cpuSeconds * 1e6, 0);
      if (root.total === 0 || root.total + profiler > cpu)
        throw new Error('the profile does not fit the CPU time');
      const graph = flameGraph(
        root,
        `The worker's main thread: ${perPhoto(root.total).toFixed(1)} ms of CPU per photo`,
        perPhoto,
      );
      if (bench.sized({ quick: false, default: true, full: true })) await bench.plot(GRAPH, graph);
      const times = timeByPhase(root);
      return [
        {
          name: 'conversion, in the threads of libvips',
          value: perPhoto(cpu - root.total - profiler),
          unit: 'ms',
        },
        ...PHASES.map((phase) => ({
          name: PHASE_NAMES[phase],
          value: perPhoto(times.get(phase) ?? 0),
          unit: 'ms',
        })),
      ];
    });
  },
};
