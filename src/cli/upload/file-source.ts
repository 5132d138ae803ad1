import { openAsBlob } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import type { Source } from '../../client/source.ts';
import type { LocalFile } from './find-files.ts';

/**
 * Returns a file as the client uploads it.
 * @throws Error of the file system if it is not there; `open` throws one if it cannot be read
 */
export async function fileSource({ path, key: name }: Pick<LocalFile, 'path' | 'key'>): Promise<Source> {
  const { size } = await stat(path);
  return { name, size, type: 'application/octet-stream', open: () => open(path) };
}

async function open(path: string): Promise<Blob> {
  // The error of `openAsBlob` does not say why.
  await access(path, constants.R_OK);
  return openAsBlob(path);
}
