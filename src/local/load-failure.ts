import { fileURLToPath } from 'node:url';
import { messageOf } from '../core/message-of.ts';

/** The first line of the stack of some syntax errors: a module and a line. */
const HEAD = /^(?:file:\/\/)?(\/.+:\d+)\n/;
/** The first frame of a stack, if it is in a module that Node loaded. */
const FRAME = /^.*(?:\n(?! {4}at ).*)*\n {4}at (?:[^\n]*\()?(file:\/\/\/[^\n]+?)(:\d+:\d+)\)?(?:\n|$)/;

/** Describes why a configuration file could not be loaded, and where: Node's messages do not name the line. */
export function loadFailure(error: unknown, file: string): string {
  const message = messageOf(error);
  const where = positionIn(error);
  if (where !== undefined) return `${message} (${where})`;
  return error instanceof SyntaxError
    ? `${message}, in it or in a module that it imports; \`node ${file}\` shows where`
    : message;
}

/** Returns where an error was thrown, such as `/a/b.mjs:2:10`. */
function positionIn(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, url, position] = FRAME.exec(stack) ?? [];
  return HEAD.exec(stack)?.[1] ?? (url && `${fileURLToPath(url)}${position}`);
}
