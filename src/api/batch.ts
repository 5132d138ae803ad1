import { randomBytes } from 'node:crypto';
import { BATCHES_PREFIX } from '../core/keys.ts';

export function newBatchId(now = new Date()): string {
  return `${now.toISOString().slice(0, 10).replaceAll('-', '')}-${randomBytes(16).toString('hex')}`;
}

export function batchPrefix(id: string): string {
  return `${BATCHES_PREFIX}${id}/`;
}
