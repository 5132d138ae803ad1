import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { glob } from 'tinyglobby';
import { ConversionPipeline } from '../../cdk/conversion-pipeline.ts';
import { settingsSchema } from '../../cdk/settings.ts';
import { MillraceStack } from '../../cdk/stack.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { resource } from './resources.ts';

/** Folders with the deployed code. */
export interface Assets {
  arm64: string;
  x64: string;
  api: string;
  guard: string;
  runner: string;
  reconciler: string;
  /** The worker of a pipeline with custom conversions, on x64. */
  configured: { folder: string; variables: Record<string, string> };
  /** The build context of the same worker's image. */
  image: { folder: string; platform: string };
}

/** A folder with a Dockerfile. */
const IMAGE = fileURLToPath(new URL('image', import.meta.url));

/** That pipeline's configuration file. */
const CONFIG = fileURLToPath(new URL('configuration/millrace.config.ts', import.meta.url));

/** Bundles the functions as `cdk deploy` does, the worker for both architectures. */
export function bundleAssets(outdir: string): Assets {
  const app = new App({ outdir });
  const settings = settingsSchema.parse({});
  const stack = (architecture: 'arm64' | 'x64') =>
    new MillraceStack(app, `On-${architecture}`, { settings, recipe: DEFAULT_RECIPE, architecture });
  const [arm64, x64] = [stack('arm64'), stack('x64')];
  const theirs = new Stack(app, 'Theirs');
  new ConversionPipeline(theirs, 'Pipeline', {
    uploadBuckets: [{ create: 'texts' }],
    config: CONFIG,
    architecture: 'x64',
  });
  const inImage = new Stack(app, 'InImage');
  new ConversionPipeline(inImage, 'Pipeline', { config: CONFIG, image: IMAGE, architecture: 'x64' });
  const functionOf = (of: Stack, id: string) =>
    resource(Template.fromStack(of), 'AWS::Lambda::Function', id) as {
      Code: { S3Key: string };
      Environment: { Variables: Record<string, string> };
    };
  const folder = (of: Stack, id: string) => {
    const { Code } = functionOf(of, id);
    const [hash = ''] = Code.S3Key.split('.');
    return join(outdir, `asset.${hash}`);
  };
  return {
    arm64: folder(arm64, 'PipelineWorker'),
    x64: folder(x64, 'PipelineWorker'),
    api: folder(arm64, 'ApiFunction'),
    guard: folder(arm64, 'PipelineExpiryGuard'),
    runner: folder(arm64, 'ApiRedriveRunner'),
    reconciler: folder(arm64, 'PipelineReconciler'),
    configured: {
      folder: folder(theirs, 'PipelineWorker'),
      variables: functionOf(theirs, 'PipelineWorker').Environment.Variables,
    },
    image: imageIn(outdir, inImage),
  };
}

/** Returns a stack's only image, as the tool that builds it finds it. */
function imageIn(outdir: string, { artifactId }: Stack): Assets['image'] {
  const manifest = readFileSync(join(outdir, `${artifactId}.assets.json`), 'utf8');
  const { dockerImages } = JSON.parse(manifest) as {
    dockerImages: Record<string, { source: { directory: string; platform: string } }>;
  };
  const [{ source } = { source: { directory: '', platform: '' } }] = Object.values(dockerImages);
  return { folder: join(outdir, source.directory), platform: source.platform };
}

const INVOKE = fileURLToPath(new URL('invoke-asset.cjs', import.meta.url));

/**
 * Invokes an asset in a separate process.
 * @param node the command that runs JavaScript, with its arguments
 * @throws Error with the process's output if it gave no answer
 */
export async function invokeAsset(
  node: readonly [string, ...string[]],
  asset: string,
  env: Readonly<Record<string, string>>,
  event: unknown,
): Promise<{ answer: unknown; architecture: string }> {
  const [command, ...args] = node;
  const child = spawn(command, [...args, INVOKE, join(asset, 'index.js')], {
    cwd: asset,
    env: { PATH: process.env['PATH'], AWS_LAMBDA_FUNCTION_NAME: 'asset', LAMBDA_TASK_ROOT: asset, ...env },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(JSON.stringify(event));
  const [answer, ...output] = await Promise.all([
    text(child.stdio[3] as Readable),
    text(child.stdio[1]),
    text(child.stdio[2]),
    once(child, 'close'),
  ]);
  if (answer === '') throw new Error(`${asset} gave no answer:\n${output.join('\n')}`);
  return JSON.parse(answer) as never;
}

/** Returns the architecture of each binary in a folder, by path. */
export async function binariesIn(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const path of await glob('**', { cwd: folder, dot: true })) {
    const file = await open(join(folder, path));
    try {
      const head = Buffer.alloc(20);
      await file.read(head, 0, head.length, 0);
      const machine = machineOf(head);
      if (machine !== undefined) found[path] = machine;
    } finally {
      await file.close();
    }
  }
  return found;
}

/** Identified by the magic numbers of ELF, Mach-O and PE. */
function machineOf(head: Buffer): string | undefined {
  if (head.toString('latin1', 0, 4) === '\u007fELF') {
    const machines: Record<number, string> = { 0xb7: 'linux-arm64', 0x3e: 'linux-x64' };
    const machine = head.readUInt16LE(18);
    return machines[machine] ?? `elf machine ${machine}`;
  }
  if ([0xfeedface, 0xfeedfacf, 0xcafebabe, 0xcffaedfe].includes(head.readUInt32BE(0))) return 'mach-o';
  return head.toString('latin1', 0, 2) === 'MZ' ? 'windows' : undefined;
}
