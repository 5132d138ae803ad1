import { closeSync, openSync, writeSync } from 'node:fs';

/** The log file of a process. On a full disk, lines are lost but the process continues. */
export interface WorkerLog {
  /** For the process's own output; undefined if the file cannot be opened. */
  readonly stdio: number | 'ignore';
  write(text: string): void;
  close(): void;
}

export function openWorkerLog(file: string): WorkerLog {
  const descriptor = openOrNothing(file);
  return {
    stdio: descriptor ?? 'ignore',
    write(text) {
      if (descriptor === undefined) return;
      try {
        writeSync(descriptor, text);
      } catch {
        // There is nowhere else to report it.
      }
    },
    close: () => descriptor === undefined || closeSync(descriptor),
  };
}

function openOrNothing(file: string): number | undefined {
  try {
    return openSync(file, 'a', 0o600);
  } catch {
    return undefined;
  }
}
