import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Whether Node strips types itself, since 22.18. https://nodejs.org/api/process.html#processfeaturestypescript */
export const READS_TYPESCRIPT = 'typescript' in process.features && process.features.typescript !== false;

/** Node does not strip types there. `npm run mutants` keeps its copy of the project there. */
const isInNodeModules = import.meta.url.includes('/node_modules/');

/**
 * Node's arguments for running TypeScript. Where Node reads it itself, code is faster than with tsx, which names every
 * function.
 */
export const TYPESCRIPT_LOADER =
  READS_TYPESCRIPT && !isInNodeModules
    ? ['--disable-warning=ExperimentalWarning']
    : ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];
