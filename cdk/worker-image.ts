import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AssetStaging } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { DockerImageCode } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { codeFolder, workerBundling } from './function-code.ts';

/** The folder in the build context that has the worker's code. */
const WORKER_FOLDER = 'worker';

interface WorkerImage {
  /** Folder with a Dockerfile and the files that it copies. */
  folder: string;
  architecture: 'arm64' | 'x64';
  bundle?: string | undefined;
}

/**
 * Stages an image's build context: a copy of the user's folder, with the worker's code as `worker`. Passes it to
 * `use`, during which CDK copies it.
 * @throws Error if the folder has no Dockerfile, or already contains `worker`
 */
export function withWorkerImage<T>(
  scope: Construct,
  { folder, architecture, bundle }: WorkerImage,
  use: (code: DockerImageCode) => T,
): T {
  if (!existsSync(join(folder, 'Dockerfile')))
    throw new Error(`image: there is no Dockerfile in ${resolve(folder)}`);
  if (existsSync(join(folder, WORKER_FOLDER)))
    throw new Error(
      `image: rename ${join(resolve(folder), WORKER_FOLDER)}: the worker's code gets that name`,
    );
  const { absoluteStagedPath } = new AssetStaging(scope, 'WorkerCode', {
    sourcePath: codeFolder('worker'),
    bundling: workerBundling(architecture, bundle),
  });
  const context = mkdtempSync(join(tmpdir(), 'millrace-image-'));
  try {
    cpSync(folder, context, { recursive: true });
    cpSync(absoluteStagedPath, join(context, WORKER_FOLDER), { recursive: true });
    return use(
      DockerImageCode.fromImageAsset(context, {
        cmd: ['index.handler'],
        platform: architecture === 'arm64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
      }),
    );
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}
