import { mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** This process's private temporary folder while the tests run. */
export interface TemporaryFolder {
  /** Returns the names of its entries. */
  list(): readonly string[];
}

export function ownTemporaryFolder(): TemporaryFolder {
  const { TMPDIR: before } = process.env;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-testing-'));
    process.env['TMPDIR'] = folder;
  });
  afterAll(async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(folder, { recursive: true, force: true });
  });
  return { list: () => readdirSync(folder) };
}
