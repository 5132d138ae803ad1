import { buildLocal } from './build/build.ts';

/** Builds and starts the local pipeline. It runs under `tsx watch`, which restarts it when a source changes. */

await buildLocal();
process.argv = [...process.argv.slice(0, 2), 'start', ...process.argv.slice(2)];
await import(new URL('../bin/millrace.js', import.meta.url).href);
