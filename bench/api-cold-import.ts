import { build } from 'esbuild';
import { BUNDLE } from '../src/core/bundle.ts';
import { compareImports } from './import-time.ts';

const ENTRY = 'src/api/index.ts';

/** B14: the cold import of the API. */
await compareImports({
  row: { id: 'B14', workload: 'cold import of the API bundle', target: 'none' },
  entry: ENTRY,
  async bundleDeployed(outfile) {
    const mainFields = [...BUNDLE.mainFields];
    await build({
      ...BUNDLE,
      mainFields,
      entryPoints: [ENTRY],
      outfile,
      bundle: true,
      platform: 'node',
      logLevel: 'warning',
    });
  },
});
