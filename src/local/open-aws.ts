import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startLocalAws, type LocalAws } from '@millrace/local-aws';
import { unwritable } from '@millrace/local-aws/errors';
import { defined } from '../core/defined.ts';
import { DATA_FOLDER } from './data-folder.ts';
import { describeError } from './describe-error.ts';
import type { ConverterOptions } from './pipeline-options.ts';

/**
 * Starts the local AWS of a pipeline, on its data folder or a temporary folder, which also contains its logs.
 * @param fail called when the folder can no longer be written
 */
export async function openAws(
  options: ConverterOptions,
  fail: (error: unknown) => void,
): Promise<{ aws: LocalAws; logFolder: string }> {
  const { data, repair = false, verify = false, fsync = false, onNotice } = options;
  const aws = await startLocalAws({
    port: options.awsPort,
    folderKind: DATA_FOLDER,
    repair,
    verify,
    fsync,
    onNotice,
    onFailure: (error) => fail(unwritable(resolve(data ?? ''), error)),
    onError: (error) => onNotice(`local AWS: ${describeError(error)}`),
    ...defined({
      folder: data === undefined ? undefined : resolve(data),
      faults: options.faults,
      machine: options.machine,
    }),
  });
  // Only now is the folder known to be ours.
  const logFolder = join(aws.folder, 'logs');
  try {
    await mkdir(logFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    await aws.stop();
    throw error;
  }
  return { aws, logFolder };
}
