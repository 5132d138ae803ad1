import { mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** The temporary folder of this process, while the tests run: nobody else uses it. */
export interface TemporaryFolder {
  /** Returns the names of what is in it. */
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
