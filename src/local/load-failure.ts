import { fileURLToPath } from 'node:url';
import { messageOf } from '../core/message-of.ts';

/** Some syntax errors' stacks begin with a line that names the module and the line number. */
const HEAD = /^((?:file:\/\/)?\/.+)(:\d+)\n/;
const FRAME = /^ {4}at (?:.*\()?((?:file:\/\/)?\/.+?)(:\d+:\d+)\)?$/gm;
const OWN = ownFolders(import.meta.url);

/** Describes why a configuration file could not be loaded, and where: Node's messages do not name the line. */
export function loadFailure(error: unknown, file: string): string {
  const message = messageOf(error);
  const where = placeIn((error instanceof Error && error.stack) || '');
  if (where !== undefined) return `${message} (${where})`;
  return error instanceof SyntaxError
    ? `${message} (in this file or a module that it imports; run \`node ${file}\` to see where)`
    : message;
}

/** Returns where an error was thrown, such as `/a/b.mjs:2:10`, unless it was in Millrace itself. */
function placeIn(stack: string): string | undefined {
  const [, module, position] = HEAD.exec(stack) ?? stack.matchAll(FRAME).next().value ?? [];
  if (module === undefined) return undefined;
  const path = module.startsWith('file:') ? fileURLToPath(module) : module;
  return OWN.some((own) => path.startsWith(own)) ? undefined : `${path}${position}`;
}

/** Returns the folders of Millrace's code, compiled or not, from the URL of a module in one of them. */
export function ownFolders(module: string): string[] {
  // Only the last `src` or `dist` in the path is Millrace's: the user's project may be in a folder with such a name.
  const root = fileURLToPath(module).replace(/^(.*\/)(?:dist|src)\/.*$/, '$1');
  return [`${root}dist/`, `${root}src/`];
}
