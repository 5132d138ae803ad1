import { copyFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';

export const AUDIT_LOG = 'audit.log';

interface LogLimits {
  /** Size above which a log continues in a new file. */
  bytes: number;
  /** Logs of worker processes. */
  workerLogs: number;
  /** Parts of the audit log. */
  auditLogs: number;
}

export const LOG_LIMITS: LogLimits = { bytes: 10_000_000, workerLogs: 100, auditLogs: 10 };

/** Interval of the size checks. A log can exceed its size by what is written meanwhile. */
const POLL_MILLISECONDS = 60_000;

/**
 * Rotates the logs regularly.
 * @param openLogs paths of the logs that processes write to
 * @param onError called for the first of several failures in a row
 * @returns a function that stops it
 */
export function startLogRotation(
  folder: string,
  openLogs: () => string[],
  onError: (error: unknown) => void,
): () => void {
  let failing = false;
  const rotate = () => {
    try {
      rotateLogs(folder, openLogs(), new Date());
      failing = false;
    } catch (error) {
      if (!failing) onError(error);
      failing = true;
    }
  };
  rotate();
  const timer = setInterval(rotate, POLL_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Continues large logs in new files, and removes the oldest files if there are too many, but never the log of a
 * running process. Synchronous, so that this process writes nothing between two steps.
 */
export function rotateLogs(
  folder: string,
  openLogs: readonly string[],
  now: Date,
  limits = LOG_LIMITS,
): void {
  const open = new Set(openLogs.map((path) => basename(path)));
  const sizeOf = (name: string) => statSync(join(folder, name)).size;
  for (const name of filesIn(folder)) {
    if (!name.endsWith('.log') || sizeOf(name) <= limits.bytes) continue;
    // Each entry of the audit log opens the file anew.
    if (name === AUDIT_LOG)
      renameSync(join(folder, name), join(folder, `audit-${now.toISOString().replaceAll(':', '-')}.log`));
    else if (open.has(name)) {
      // Its process continues at the new end of the file.
      copyFileSync(join(folder, name), join(folder, `${name}.1`));
      truncateSync(join(folder, name));
    }
  }
  const names = filesIn(folder);
  const audits = names.filter((name) => name.startsWith('audit-')).toSorted();
  const workers = names.filter((name) => WORKER_LOG.test(name)).toSorted((a, b) => timeOf(a) - timeOf(b));
  const excess = [
    ...audits.slice(0, Math.max(0, audits.length + 1 - limits.auditLogs)),
    ...workers.slice(0, Math.max(0, workers.length - limits.workerLogs)).filter((name) => !open.has(name)),
  ];
  for (const name of excess) rmSync(join(folder, name), { force: true });

  function timeOf(name: string): number {
    return statSync(join(folder, name)).mtimeMs;
  }
}

/** Matches the log streams that `startFunctionProcess` creates. Other files are left alone. */
const WORKER_LOG = /^\d{4}-\d\d-\d\d-[0-9a-f]{32}\.log(\.1)?$/;

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
