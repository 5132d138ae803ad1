/** The fields of Stryker's report that are read here (mutation-testing-report-schema). */
export interface Report {
  files: Record<string, { source: string; mutants: readonly MutantResult[] }>;
  testFiles?: Record<string, { tests: readonly { id: string }[] }>;
}

export interface MutantResult {
  status: string;
  mutatorName: string;
  replacement?: string;
  /** The tests that run the mutant. */
  coveredBy?: readonly string[];
  /** The tests that failed. */
  killedBy?: readonly string[];
  location: { start: Position; end: Position };
}

export interface Position {
  line: number;
  column: number;
}
