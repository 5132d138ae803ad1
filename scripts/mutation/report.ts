/** The fields of Stryker's report that are read here (mutation-testing-report-schema). */
export interface Report {
  files: Record<string, { source: string; mutants: readonly MutantResult[] }>;
}

interface MutantResult {
  status: string;
  mutatorName: string;
  replacement?: string;
  /** The tests that run the mutant. */
  coveredBy?: readonly string[];
  location: { start: Position; end: Position };
}

export interface Position {
  line: number;
  column: number;
}
