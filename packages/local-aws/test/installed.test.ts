import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLocalAws, LOCAL_AWS } from '../../../scripts/build/local-aws.ts';
import { takesLong } from '../../../test/support/takes-long.ts';

takesLong();

const run = promisify(execFile);
/** An environment without this checkout: neither its folder nor the variables that npm and vitest set. */
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
const npm = (cwd: string, ...args: string[]) => run('npm', args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });

let folder: string;
let project: string;
let tarball: string;
let paths: string[];
let readme: string;
let blocks: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-aws-package-'));
  project = join(folder, 'project');
  await mkdir(project);
  await buildLocalAws();
  const { stdout } = await npm(LOCAL_AWS, 'pack', '--json', '--pack-destination', folder);
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  tarball = join(folder, packed.filename);
  paths = packed.files.map(({ path }) => path);
  const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  await file('package.json', JSON.stringify({ name: 'theirs', private: true, type: 'module' }));
  const others = ['@aws-sdk/client-s3', '@aws-sdk/client-sqs', 'vitest', 'typescript', '@types/node'];
  const wanted = others.map((name) => `${name}@${devDependencies[name]}`);
  await npm(project, 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...wanted);
  readme = await readFile(join(project, 'node_modules/@millrace/local-aws/README.md'), 'utf8');
  blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = (name: string, contents: string) => writeFile(join(project, name), contents);

/** Runs tests in the project with its own vitest. */
async function runTests(name: string): Promise<string> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', name];
  const { stdout } = await run(process.execPath, args, { cwd: project, env: { ...env, NO_COLOR: '1' } });
  return stdout;
}

const LAMBDA = `
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocalAws } from '@millrace/local-aws';
import { createLocalFunction, eventQueue, startEventSource } from '@millrace/local-aws/lambda';
import { expect, it, onTestFinished, vi } from 'vitest';

it('invokes a handler', async () => {
  const logFolder = await mkdtemp(join(tmpdir(), 'theirs-'));
  const aws = await startLocalAws();
  const sqs = new SQSClient(aws.clientConfig);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const seen: string[] = [];
  const handler = createLocalFunction(
    {
      name: 'theirs',
      module: join(import.meta.dirname, 'handler.mjs'),
      env: {},
      timeoutSeconds: 10,
      logFolder,
      onLine: (line) => void seen.push(line),
    },
    1,
  );
  const source = startEventSource({
    queue: eventQueue(aws.sqs, aws.journal, aws.sqs.queue('jobs').arn, aws.region),
    function: handler,
    batchSize: 10,
    onFunctionError: (error) => expect.unreachable(error.message),
    onError: (error) => expect.unreachable(String(error)),
  });
  onTestFinished(async () => {
    await source.stop();
    await handler.stop();
    await aws.stop();
    await rm(logFolder, { recursive: true });
  });
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a job' }));
  await vi.waitFor(() => expect(seen).toEqual(['a job']), { timeout: 20_000 });
}, 30_000);
`;

describe("the local AWS's package, installed in an empty project,", () => {
  it('contains JavaScript, types, a README and a license, and nothing else', () => {
    expect(paths).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'index.js', 'index.d.ts']));
    const others = paths.filter((path) => !/\.(js|d\.ts)$/.test(path) || path.includes('test'));
    expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  it('has a README without links outside the package', () => {
    const targets = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
    const headings = new Set(
      [...readme.matchAll(/^#+ (.*)$/gm)].map(
        ([, title = '']) => `#${title.toLowerCase().replaceAll(' ', '-')}`,
      ),
    );
    const others = targets.filter((target) => !target.startsWith('https:') && !headings.has(target));
    expect(targets).not.toEqual([]);
    expect(others).toEqual([]);
  });

  it('exports the error that its README names', async () => {
    expect(readme).toContain('`DataFolderError`, which `@millrace/local-aws/errors` exports');
    await file(
      'errors.test.ts',
      `
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalAws } from '@millrace/local-aws';
import { DataFolderError } from '@millrace/local-aws/errors';
import { expect, it, onTestFinished } from 'vitest';

it('is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'theirs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'a file'), 'of somebody else');
  const error: unknown = await startLocalAws({ folder }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataFolderError);
  expect(error).toHaveProperty('kind', 'foreign');
});
`,
    );
    expect(await runTests('errors.test.ts')).toMatch(/✓ .*is refused/);
  });

  it('runs the first test in its README', async () => {
    await file('readme.test.ts', blocks[0] ?? '');
    expect(await runTests('readme.test.ts')).toMatch(/✓ .*stores a file/);
  });

  it("runs the README's example with virtual time", async () => {
    await file(
      'virtual.test.ts',
      `${blocks[1]}
import { expect, it } from 'vitest';
it('came back', () => expect(again).toMatchObject({ body: 'a job', receiveCount: 2 }));`,
    );
    expect(await runTests('virtual.test.ts')).toMatch(/✓ .*came back/);
  });

  it("invokes a custom handler with a queue's messages", async () => {
    await file(
      'handler.mjs',
      'export const handler = async ({ Records }) => Records.forEach(({ body }) => console.log(body));',
    );
    await file('lambda.test.ts', LAMBDA);
    expect(await runTests('lambda.test.ts')).toMatch(/✓ .*invokes a handler/);
  });

  it('type-checks, including its own types', async () => {
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      strict: true,
      types: ['node'],
      noEmit: true,
    };
    await file('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.test.ts'] }));
    const tsc = run(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: project, env });
    expect(await tsc.catch((error: { stdout: string }) => error)).toMatchObject({ stdout: '' });
  });

  it('passes publint and attw as a package of ES modules', async () => {
    const here = (...args: string[]) => run(process.execPath, args, { env: { ...env, NO_COLOR: '1' } });
    const { stdout } = await here('node_modules/publint/src/cli.js', tarball, '--strict');
    expect(stdout).toContain('All good!');
    const attw = 'node_modules/@arethetypeswrong/cli/dist/index.js';
    await expect(here(attw, tarball, '--profile', 'esm-only')).resolves.toBeDefined();
  });
});
