import { CommanderError } from 'commander';
import { NoResponseError } from '../client/no-response.ts';
import { CommandError, EXIT, type ExitCode } from './exit-codes.ts';

/** Prints on stderr why a command ended. @returns the exit code */
export function reportError(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.wrongUsage;
  const { exitCode, text } = explain(error);
  process.stderr.write(`millrace: ${text}\n`);
  return exitCode;
}

function explain(error: unknown): { exitCode: ExitCode; text: string } {
  if (error instanceof CommandError) return { exitCode: error.exitCode, text: error.message };
  if (!(error instanceof Error)) return { exitCode: EXIT.unreachable, text: String(error) };
  const code = 'code' in error ? String(error.code) : '';
  const status = statusOf(error);
  if (isNotAllowed(error))
    return { exitCode: EXIT.unreachable, text: `not allowed: ${error.name}: ${error.message}` };
  if (isOutOfReach(error)) {
    const kind = error instanceof NoResponseError ? '' : `${code || error.name} `;
    return { exitCode: EXIT.unreachable, text: `could not reach the pipeline: ${kind}${error.message}` };
  }
  if (status !== undefined)
    return { exitCode: EXIT.unreachable, text: `AWS answered ${error.name}: ${error.message}` };
  // A bug report needs the stack of an unexpected error.
  return { exitCode: EXIT.unreachable, text: error.stack ?? error.message };
}

/** Returns whether the pipeline cannot be reached or denies access, so that every request would fail. */
export function isConnectionError(error: unknown): boolean {
  return error instanceof Error && (isNotAllowed(error) || isOutOfReach(error));
}

function isNotAllowed(error: Error): boolean {
  const status = statusOf(error);
  return status === 403 || status === 401 || error.name === 'CredentialsProviderError';
}

function isOutOfReach(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return (
    /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE|EHOSTUNREACH)/.test(code) ||
    error.name === 'TimeoutError' ||
    error instanceof NoResponseError
  );
}

/** Returns the HTTP status of an SDK error. */
function statusOf(error: Error): number | undefined {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
