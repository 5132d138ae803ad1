/** The part of vitest's JSON report that tells which tests failed and why. */
export interface VitestReport {
  testResults?: {
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

/** Errors of a mutant that does not load or is not a valid program. No test has evaluated it. */
const NO_PROGRAM = /^(SyntaxError|ReferenceError)|Cannot find (module|package)|is not a function/;

/** vitest's placeholder for its own errors, which this report contains only for a test or a hook that timed out. */
const TIMED_OUT = 'Error: STACK_TRACE_ERROR';

/**
 * Returns why a test that ran has failed: an error's first line, or else that the test timed out. A file that could not
 * be loaded has no tests.
 */
export function evidenceIn({ testResults = [] }: VitestReport): string | undefined {
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed');
  const messages = failed.flatMap(({ failureMessages }) => failureMessages);
  const error = messages.find((message) => !NO_PROGRAM.test(message) && !message.startsWith(TIMED_OUT));
  if (error !== undefined) return error.split('\n')[0];
  const hanging = failed.find(({ failureMessages: [first = ''] }) => first.startsWith(TIMED_OUT));
  return hanging === undefined ? undefined : `only a timeout, of "${hanging.fullName}"`;
}
