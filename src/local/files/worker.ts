import { sendEvent } from '@millrace/local-aws/lambda';
import { readConfig } from '../../worker/config.ts';
import { createDeps } from '../../worker/deps.ts';
import { createStorage } from '../../worker/storage.ts';
import { createWorker } from '../../worker/worker.ts';
import { conversionsIn } from '../config-file.ts';
import { createFileStorage } from './file-storage.ts';
import { filesIn } from './files.ts';

/** The entry point of a worker that converts the files of a folder. */
const { env } = process;
const config = readConfig(env);
const deps = createDeps(config, await conversionsIn(env));
const files = filesIn(env);

export const handler = createWorker(
  deps,
  createFileStorage({ files, buckets: config, others: createStorage(deps.s3), tell: sendEvent }),
);
