import { bundleFunction } from '../scripts/bundle-function.ts';
import { compareImports } from './import-time.ts';

const ENTRY = 'src/api/index.ts';

/** B14: the cold import of the API. */
await compareImports({
  row: { id: 'B14', workload: 'cold import of the API bundle', target: 'none' },
  entry: ENTRY,
  bundleDeployed: (outfile) => bundleFunction(ENTRY, outfile),
});
