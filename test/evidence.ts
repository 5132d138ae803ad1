/** The part of vitest's JSON report that tells which tests failed and why. */
export interface VitestReport {
  testResults?: {
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

/**
 * First lines of errors of a mutant that does not load or is not a valid program. No test has evaluated it. In later
 * lines, a test may quote such an error of a process that it watched.
 */
const NO_PROGRAM = /^(SyntaxError|ReferenceError)|Cannot find (module|package)|is not a function/;

/** vitest's placeholder for its own errors, which this report contains only for a test or a hook that timed out. */
const TIMED_OUT = 'Error: STACK_TRACE_ERROR';

/**
 * Returns why a test that ran has failed: an error's first line or, if the mutant `hangs`, that the test timed out. A file
 * that could not be loaded has no tests.
 * @param hangs whether the mutant is meant to make a test wait forever, so that a timeout counts
 */
export function evidenceIn({ testResults = [] }: VitestReport, hangs: boolean): string | undefined {
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed');
  const errors = failed
    .flatMap(({ failureMessages }) => failureMessages)
    .flatMap((message) => message.split('\n').slice(0, 1));
  const error = errors.find((line) => !NO_PROGRAM.test(line) && !line.startsWith(TIMED_OUT));
  if (error !== undefined || !hangs) return error;
  const hanging = failed.find(({ failureMessages: [first = ''] }) => first.startsWith(TIMED_OUT));
  return hanging === undefined ? undefined : `only a timeout, of "${hanging.fullName}"`;
}

/** Returns whether any test ran. vitest also passes if it skips every test, for lack of software that they need. */
export function hasRun({ testResults = [] }: VitestReport): boolean {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .some(({ status }) => status === 'passed' || status === 'failed');
}
