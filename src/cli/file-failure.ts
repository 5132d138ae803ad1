import { messageOf } from '../core/message-of.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** Describes in one line what is wrong with an export file. Other errors are thrown unchanged. */
export function fileFailure(file: string): (error: unknown) => never {
  return (error) => {
    // Reading a folder fails with an error that names no path.
    const call =
      error instanceof Error &&
      'syscall' in error &&
      ('path' in error || ('code' in error && error.code === 'EISDIR'));
    if (!call) throw error;
    const taken = 'code' in error && error.code === 'EEXIST';
    throw new CommandError(
      EXIT.wrongUsage,
      taken
        ? `${file} already exists and may contain the only copies: choose a new file`
        : `the file ${file} is not usable: ${messageOf(error)}`,
      { cause: error },
    );
  };
}
