import { DataFolderError } from '@millrace/local-aws/errors';
import { messageOf } from '../core/message-of.ts';
import { CommandError, EXIT } from './exit-codes.ts';

const EXIT_OF_KIND = {
  foreign: EXIT.wrongUsage,
  'in use': EXIT.unreachable,
  damaged: EXIT.damaged,
  unwritable: EXIT.unreachable,
} as const;

/** Explains in one line why the pipeline did not start. */
export function startFailure(cause: unknown): never {
  if (cause instanceof DataFolderError)
    throw new CommandError(EXIT_OF_KIND[cause.kind], `the pipeline did not start: ${cause.message}`, {
      cause,
    });
  throw new CommandError(EXIT.unreachable, `the pipeline did not start: ${explain(cause)}`, { cause });
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const port = error instanceof Error && 'port' in error ? String(error.port) : '';
  if (code === 'EADDRINUSE') {
    return `port ${port} is in use; choose another with --port or --aws-port (0 picks a free one)`;
  }
  if (code === 'EACCES' && port !== '')
    return `port ${port} is not allowed for this user; choose a port above 1023`;
  if (code === 'LEVEL_DATABASE_NOT_OPEN')
    return `the data folder cannot be opened: ${messageOf(error instanceof Error ? (error.cause ?? error) : error)}`;
  return messageOf(error);
}
