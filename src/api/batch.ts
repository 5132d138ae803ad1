import { randomBytes } from 'node:crypto';
import { BATCHES_PREFIX } from '../core/keys.ts';

export function newBatchId(now = new Date()): string {
  return `${now.toISOString().slice(0, 10).replaceAll('-', '')}-${randomBytes(16).toString('hex')}`;
}

export function batchPrefix(id: string): string {
  return `${BATCHES_PREFIX}${id}/`;
}

/** Makes each name unique: the second `a.jpg` becomes `a (2).jpg`. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Map<string, number>();
  return names.map((name) => {
    let count = (seen.get(name) ?? 0) + 1;
    let unique = name;
    if (count > 1) {
      const numbered = () => name.replace(/(\.[^./]*)?$/, (extension) => ` (${count})${extension}`);
      for (unique = numbered(); taken.has(unique); unique = numbered()) count += 1;
      taken.add(unique);
    }
    seen.set(name, count);
    return unique;
  });
}
