import { fileURLToPath } from 'node:url';

/** Returns the path of a built handler in `test/support/handlers`, or of Lambda's `runtime`, for a process to load. */
export function handlerFile(name: string): string {
  return fileURLToPath(new URL(`../../dist/test-handlers/${name}.js`, import.meta.url));
}
