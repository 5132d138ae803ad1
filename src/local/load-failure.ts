import { fileURLToPath } from 'node:url';
import { messageOf } from '../core/message-of.ts';

/** Some syntax errors' stacks begin with a line that names the module and the line number. */
const HEAD = /^((?:file:\/\/)?\/.+)(:\d+)\n/;
const FRAME = /^ {4}at (?:.*\()?((?:file:\/\/)?\/.+?)(:\d+:\d+)\)?$/gm;
/** The paths of Millrace's own modules begin with one of these. The last `src` or `dist` is its own: it may be inside another. */
const OWN = ['dist', 'src'].map((name) =>
  fileURLToPath(import.meta.url.replace(/^(.*)\/(?:dist|src)\/.*$/, `$1/${name}/`)),
);

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
