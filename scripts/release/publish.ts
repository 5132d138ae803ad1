import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Published {
  name: string;
  version: string;
  /** The folder that npm packs. */
  folder: string;
  /** Builds the folder, unless npm does. */
  build?(): Promise<void>;
}

type Npm = (...args: string[]) => Promise<string>;

/**
 * Publishes the packages whose versions are not in the registry yet. You can run it again after it failed between two
 * packages.
 * @param env npm's environment
 */
export async function publishMissing(
  packages: readonly Published[],
  onNotice: (text: string) => void,
  env = process.env,
): Promise<void> {
  const npm: Npm = async (...args) => {
    const { stdout } = await promisify(execFile)('npm', args, { env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  };
  for (const { name, version, folder, build } of packages) {
    if (await isPublished(npm, name, version)) {
      onNotice(`${name}@${version} is already published`);
      continue;
    }
    await build?.();
    await npm('publish', folder, '--access', 'public');
    onNotice(`${name}@${version} published`);
  }
}

/** @throws Error if the registry does not answer */
async function isPublished(npm: Npm, name: string, version: string): Promise<boolean> {
  try {
    return (await npm('view', `${name}@${version}`, 'version', '--prefer-online')).trim() === version;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    if (stderr?.includes('E404')) return false;
    throw error;
  }
}
