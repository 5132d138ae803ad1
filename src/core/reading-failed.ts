import { messageOf } from './message-of.ts';

/** Returns why a file that a command had found could not be read. Its path is already in the command's output. */
export function readingFailed(error: unknown): string {
  const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return isGone ? 'the file was deleted or moved while the command ran' : messageOf(error);
}
