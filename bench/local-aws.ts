import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startLocalAws } from '@millrace/local-aws';
import { DEFAULT_RECIPE } from '../src/core/recipe.ts';
import { createResources, type Resources } from '../src/local/resources.ts';

/** A local AWS in a process of its own, with the pipeline's resources and nobody who consumes its queues. */
export interface BenchAws {
  url: string;
  resources: Resources;
  stop(): void;
}

const SELF = fileURLToPath(import.meta.url);

export async function startBenchAws(): Promise<BenchAws> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child: ChildProcess = fork(SELF, ['serve'], {
    execArgv: ['--import', loader],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  const [started] = (await once(child, 'message')) as [Omit<BenchAws, 'stop'>];
  return { ...started, stop: () => void child.kill() };
}

if (process.argv[1] === SELF && process.argv[2] === 'serve') {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  process.on('SIGTERM', () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit();
  });
  const onError = (error: unknown) => process.stderr.write(`${String(error)}\n`);
  const { url } = await startLocalAws({ port: 0, folder, keep: false, onError });
  process.send?.({ url, resources: await createResources(url, DEFAULT_RECIPE) });
}
