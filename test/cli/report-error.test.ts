import { S3ServiceException } from '@aws-sdk/client-s3';
import { CommanderError } from 'commander';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DataFolderError } from '@millrace/local-aws/errors';
import { NoResponseError } from '../../src/client/no-response.ts';
import { CommandError, EXIT } from '../../src/cli/exit-codes.ts';
import { isConnectionError, reportError } from '../../src/cli/report-error.ts';
import { startFailure } from '../../src/cli/start-failure.ts';

/** Returns the exit code of an error and what is printed. */
function report(error: unknown): { code: number; text: string } {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  const code = reportError(error);
  return { code, text: write.mock.calls.map(([text]) => String(text)).join('') };
}

const withCode = (code: string) => Object.assign(new Error('why'), { code });
const answered = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode }, message: 'why' });

describe('a command that fails', () => {
  it.each([
    [new CommandError(EXIT.stillPending, 'why'), 4, 'millrace: why\n'],
    [answered('AccessDenied', 403), 3, 'millrace: not allowed: AccessDenied: why\n'],
    [answered('InvalidToken', 401), 3, 'millrace: not allowed: InvalidToken: why\n'],
    [answered('NoSuchBucket', 404), 3, 'millrace: AWS answered NoSuchBucket: why\n'],
    [
      Object.assign(new Error('why'), { name: 'CredentialsProviderError' }),
      3,
      'millrace: not allowed: CredentialsProviderError: why\n',
    ],
    [withCode('ECONNREFUSED'), 3, 'millrace: could not reach the pipeline: ECONNREFUSED why\n'],
    [withCode('ENOTFOUND'), 3, 'millrace: could not reach the pipeline: ENOTFOUND why\n'],
    [
      Object.assign(new Error('why'), { name: 'TimeoutError' }),
      3,
      'millrace: could not reach the pipeline: TimeoutError why\n',
    ],
    ['text', 3, 'millrace: text\n'],
  ])('says why in one line, and ends with the code of its kind: %s', (error, code, text) => {
    expect(report(error)).toEqual({ code, text });
  });

  it('prints the stack of a bug', () => {
    const { code, text } = report(new TypeError('a bug'));
    expect(code).toBe(3);
    expect(text).toMatch(/^millrace: TypeError: a bug\n {4}at .*report-error\.test\.ts/);
  });

  it('has already printed what was wrong with its arguments', () => {
    expect(report(new CommanderError(1, 'commander.unknownOption', 'why'))).toEqual({ code: 2, text: '' });
    expect(report(new CommanderError(0, 'commander.help', 'help'))).toEqual({ code: 0, text: '' });
  });
});

it('only an error of the connection or of permissions would affect every request', () => {
  for (const error of [withCode('EPIPE'), answered('AccessDenied', 403), new NoResponseError('why')])
    expect(isConnectionError(error)).toBe(true);
  for (const error of [answered('NoSuchKey', 404), withCode('ENOENT'), 'ECONNREFUSED'])
    expect(isConnectionError(error)).toBe(false);
});

describe('a pipeline that does not start', () => {
  const failureOf = (cause: unknown) => {
    try {
      return startFailure(cause);
    } catch (error) {
      return error;
    }
  };

  it.each([
    ['foreign', 2],
    ['in use', 3],
    ['damaged', 5],
    ['unwritable', 3],
  ] as const)('because its data folder is %s ends with %i', (kind, exitCode) => {
    expect(failureOf(new DataFolderError(kind, 'why'))).toMatchObject({
      exitCode,
      message: 'the pipeline did not start: why',
    });
  });

  it.each([
    ['EADDRINUSE', 4800, 'port 4800 is in use'],
    ['EACCES', 80, 'port 80 is not allowed for this user'],
    ['EACCES', undefined, 'why'],
    ['EMFILE', 80, 'why'],
  ])('because of %s at port %s says what to do', (code, port, text) => {
    const cause = Object.assign(withCode(code), port === undefined ? {} : { port });
    expect(failureOf(cause)).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(`the pipeline did not start: ${text}`),
    });
  });

  it('because its journal does not open says why', () => {
    const cause = Object.assign(withCode('LEVEL_DATABASE_NOT_OPEN'), { cause: new Error('it is locked') });
    expect(failureOf(cause)).toMatchObject({ message: expect.stringContaining('opened: it is locked') });
  });
});
