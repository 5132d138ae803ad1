import { compareImports } from './import-time.ts';

/** B14: the cold import of the API. */
await compareImports({
  row: { id: 'B14', workload: 'cold import of the API bundle', target: 'none' },
  entry: 'src/api/lambda.ts',
});
