import { fileURLToPath } from 'node:url';

/** Returns the path of a handler of `test/support/handlers`, or of Lambda's `runtime`, built, for a process to load. */
export function handlerFile(name: string): string {
  return fileURLToPath(new URL(`../../dist/test-handlers/${name}.js`, import.meta.url));
}
