import { importBenchmark } from './frame/import-time.ts';

/** Measures the cold import of the API. */
export const benchmark = importBenchmark({
  id: 'B14',
  workload: 'cold import of the API bundle',
  entry: 'src/api/lambda.ts',
});
