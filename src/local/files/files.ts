/** Where a worker reads sources and writes results instead of in S3. */
export interface Files {
  /** Folder of the sources. Their keys are their paths in it. */
  from: string;
  /** Path of each draft of a result, up to a random id. */
  drafts: string;
}

const [FROM, DRAFTS] = ['MILLRACE_FILES_FROM', 'MILLRACE_FILES_DRAFTS'] as const;

/** Returns the environment variables that tell a worker of its files. */
export const filesEnvironment = ({ from, drafts }: Files): Record<string, string> => ({
  [FROM]: from,
  [DRAFTS]: drafts,
});

/** @throws Error when a variable is missing */
export function filesIn(env: Readonly<Record<string, string | undefined>>): Files {
  const [from, drafts] = [env[FROM], env[DRAFTS]];
  if (from === undefined || drafts === undefined) throw new Error(`${FROM} and ${DRAFTS} must be set`);
  return { from, drafts };
}
