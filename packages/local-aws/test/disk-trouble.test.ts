import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createTroubleReport, DamagedContent, DiskTrouble, diskTrouble } from '../src/disk-trouble.ts';
import { isMissing } from '../src/is-missing.ts';

const withCode = (code: string) => Object.assign(new Error(code), { code });

it('an error of a full or failed disk says what is wrong, and any other error is none of the disk', () => {
  const full = withCode('ENOSPC');
  expect(diskTrouble(full)).toMatchObject({
    name: 'DiskTrouble',
    message: 'no space is left on the disk (ENOSPC)',
    cause: full,
  });
  expect(diskTrouble(withCode('EROFS'))?.message).toBe('the disk is read-only (EROFS)');
  const damaged = new DamagedContent('it is too short');
  expect(diskTrouble(damaged)).toBe(damaged);
  for (const other of [withCode('ECONNRESET'), new Error('ENOSPC'), { code: 'ENOSPC' }, 'ENOSPC', undefined])
    expect(diskTrouble(other)).toBeUndefined();
});

it('each trouble is reported once, and again after it was over', () => {
  const reported: string[] = [];
  const troubles = createTroubleReport(({ message }) => void reported.push(message));
  for (const text of ['full', 'full', 'read-only', 'full']) troubles.report(new DiskTrouble(text));
  expect(reported).toEqual(['full', 'read-only']);
  troubles.over();
  troubles.report(new DiskTrouble('full'));
  expect(reported).toEqual(['full', 'read-only', 'full']);
});

it('only an error that names no file or folder is about a missing one', async () => {
  const error = await readFile('/nowhere/at/all').catch((reason: unknown) => reason);
  expect(isMissing(error)).toBe(true);
  for (const other of [withCode('EACCES'), new Error('ENOENT'), { code: 'ENOENT' }, undefined])
    expect(isMissing(other)).toBe(false);
});
