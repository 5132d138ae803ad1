import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEntry } from '../api/deps.ts';

/** Keeps what operators changed, one JSON line each, beside the logs of the worker. */
export function createAuditLog(logFolder: string): (entry: AuditEntry) => Promise<void> {
  const file = join(logFolder, 'audit.log');
  return (entry) => appendFile(file, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
}
