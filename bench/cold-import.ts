import { compareImports } from './import-time.ts';

/** B7: the cold import of the worker. */
await compareImports({
  row: { id: 'B7', workload: 'cold import of the worker bundle', target: '≤ 0.55' },
  entry: 'src/worker/lambda.ts',
  external: ['sharp'],
});
