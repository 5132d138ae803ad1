import { importBenchmark } from './frame/import-time.ts';

/** Measures the cold import of the worker. */
export const benchmark = importBenchmark({
  id: 'B7',
  workload: 'cold import of the worker bundle',
  entry: 'src/worker/lambda.ts',
  external: ['sharp'],
  target: { atMost: 0.55 },
});
