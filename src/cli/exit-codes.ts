/** The command's exit codes. Scripts rely on them. */
export const EXIT = {
  ok: 0,
  someFailed: 1,
  wrongUsage: 2,
  unreachable: 3,
  stillPending: 4,
  /** A data folder is damaged: starting again does not help, and somebody must decide what to do. */
  damaged: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message for people and a code for scripts. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
