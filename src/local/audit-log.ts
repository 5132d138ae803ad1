import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEntry } from '../api/deps.ts';
import { AUDIT_LOG } from './log-rotation.ts';

/** Records changes by operators as JSON lines, beside the worker's logs. */
export function createAuditLog(logFolder: string): (entry: AuditEntry) => Promise<void> {
  const file = join(logFolder, AUDIT_LOG);
  return (entry) => appendFile(file, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
}
