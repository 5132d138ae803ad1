import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';

/** The functions of a deployment, named after the folders of their built code. */
export type FunctionName = 'worker' | 'api' | 'guard' | 'redrive' | 'reconcile' | 'generation';

const { resolve } = createRequire(import.meta.url);

/** Returns a function's code: the folder that `npm run build` made and, for the worker, sharp's binary. */
export function functionCode(name: FunctionName, architecture: 'arm64' | 'x64'): Code {
  const folder = dirname(resolve(`#functions/${name}`));
  if (name !== 'worker') return Code.fromAsset(folder);
  const install = [
    'npm',
    'install',
    '--os=linux',
    `--cpu=${architecture}`,
    '--libc=glibc',
    '--ignore-scripts',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
  ] as const;
  return Code.fromAsset(folder, {
    bundling: {
      // CDK requires an image, but nothing uses it: npm runs on this machine.
      image: DockerImage.fromRegistry('none'),
      // Part of the asset's hash.
      command: [...install],
      local: {
        tryBundle(outputFolder) {
          cpSync(folder, outputFolder, { recursive: true });
          run(install, outputFolder);
          rmSync(join(outputFolder, 'node_modules/.package-lock.json'));
          const binary = join(outputFolder, `node_modules/@img/sharp-linux-${architecture}`);
          if (!existsSync(binary))
            throw new Error(`npm did not install sharp's binary for ${architecture} in ${binary}`);
          return true;
        },
      },
    },
  });
}

/** @throws Error with the command's output */
function run([command, ...args]: readonly [string, ...string[]], cwd: string): void {
  // On Windows, npm is a shell script.
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  throw new Error(
    `the worker's binary could not be fetched: ${command} ${args.join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`}`,
  );
}
