import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PipelineConfig } from '../../src/config.ts';
import { readPage, type Page } from '../support/page.ts';
import { READS_TYPESCRIPT } from '../support/typescript-loader.ts';
import { env, packedPackage, type Packed } from './packed.ts';

const DOCUMENT = 'docs/extending.md';
const run = promisify(execFile);

/** Runs the page's code blocks in order in one folder, with the packed package. */
describe('the page on custom conversions', () => {
  let page: Page;
  let packed: Packed;
  let folder: string;
  let pipeline: ChildProcess | undefined;
  /** Settings of the local pipeline. */
  let url = '';
  const environment: Record<string, string | undefined> = {
    ...env,
    PATH: [dirname(process.execPath), env.PATH].join(delimiter),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    NO_COLOR: '1',
  };

  beforeAll(async () => {
    page = await readPage(DOCUMENT);
    packed = await packedPackage();
    folder = join(await realpath(packed.folder), 'reports');
    await mkdir(folder);
  });
  afterAll(async () => {
    if (pipeline?.pid === undefined) return;
    const ended = once(pipeline, 'close');
    // npx runs it as a grandchild process.
    process.kill(-pipeline.pid, 'SIGTERM');
    await ended;
  });

  const at = (name: string) => join(folder, name);
  const writeBlock = (name: string) => writeFile(at(name), page.take('ts', `// ${name}\n`));

  /** Runs a block, with the packed package instead of the published one. */
  async function shell(beginning: string): Promise<{ code: number; stdout: string }> {
    const script = page
      .take('sh', beginning)
      .replaceAll(/^npm install .*$/gm, (line) => packed.pinned(line.split(' ')).join(' '))
      .replaceAll('http://127.0.0.1:4800', url);
    const options = { cwd: folder, env: environment };
    try {
      return { code: 0, stdout: plain((await run('bash', ['-ec', script], options)).stdout) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, stdout: plain(`${stdout}${stderr}`) };
    }
  }
  /** Returns the output that the page shows. */
  const shown = (beginning: string) => plain(page.take('text', beginning));

  it('takes under 40 lines of the reader’s code', async () => {
    const [walk = ''] = (await readFile(DOCUMENT, 'utf8')).split('## What a conversion promises');
    const code = [...walk.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, block = '']) => block).join('');
    const lines = code.split('\n').filter((line) => line.trim() !== '');
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.length).toBeLessThan(40);
  });

  it('starts in an empty folder', async () => {
    expect(await shell('npm init')).toMatchObject({ code: 0 });
    // Newer versions of Node must work without it.
    if (READS_TYPESCRIPT) page.take('sh', 'npm install --save-dev jiti');
    else expect(await shell('npm install --save-dev jiti')).toMatchObject({ code: 0 });
  });

  it('converts a folder', async () => {
    await writeBlock('ndjson.ts');
    await writeBlock('millrace.config.ts');
    const { code, stdout } = await shell('mkdir tables');
    expect(code).toBe(0);
    expect(stdout).toContain(`\n${shown('{"id"')}`);
  });

  it('starts a pipeline, which converts an upload', async () => {
    const command = `${page.take('sh', 'npx millrace start').trim()} --port 0 --aws-port 0 --json`;
    const child = spawn('bash', ['-c', command], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    pipeline = child;
    for await (const line of createInterface({ input: child.stdout })) {
      ({ url } = JSON.parse(line) as { url: string });
      break;
    }
    environment['MILLRACE_ENDPOINT'] = url;
    const { code, stdout } = await shell('npx millrace upload tables');
    expect(code).toBe(0);
    expect(stdout).toContain(`\n${shown('cities.csv: converted')}`);
  });

  it("shows a failure with the reader's code", async () => {
    const failed = await shell('mkdir broken');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain(shown('failed'));
    expect((await shell('npx millrace dlq')).stdout).toContain(shown('CODE'));
  });

  it('tests the conversion in one line', async () => {
    expect(await shell('npm install --save-dev vitest')).toMatchObject({ code: 0 });
    await writeBlock('ndjson.test.ts');
    const { code, stdout } = await shell('npx vitest run');
    expect(stdout).toMatch(/Tests +13 passed/);
    expect(code).toBe(0);
  });

  it('synthesizes an app whose worker has the conversion', async () => {
    expect(await shell('npm install --save-dev aws-cdk ')).toMatchObject({ code: 0 });
    await writeBlock('app.ts');
    expect(await shell('npx cdk synth')).toMatchObject({ code: 0 });
    const assets = await Promise.all(
      (await readdir(at('cdk.out')))
        .filter((name) => name.startsWith('asset.'))
        .map(async (name) => ({ name, files: await readdir(at(join('cdk.out', name))) })),
    );
    const [worker, ...others] = assets.filter(({ files }) => files.includes('configuration.js'));
    expect(others).toEqual([]);
    expect(worker?.files).toEqual(expect.arrayContaining(['index.js', 'node_modules']));
    const require = createRequire(at('cdk.out/'));
    const bundle = require(`./${worker?.name}/configuration.js`) as { default: PipelineConfig };
    expect(bundle.default.conversions.map(({ name }) => name)).toEqual(['ndjson']);
  });

  it("converts the reader's images with rules for several conversions", async () => {
    expect(await shell('npm install zod')).toMatchObject({ code: 0 });
    await writeBlock('ppm.ts');
    await writeBlock('several.config.ts');
    await mkdir(at('mixed/exports/2026'), { recursive: true });
    const pixels = Buffer.alloc(3 * 100 * 50, 200);
    await writeFile(at('mixed/scan.ppm'), Buffer.concat([Buffer.from('P6\n100 50\n255\n'), pixels]));
    await writeFile(at('mixed/short.ppm'), 'P6\n100 50\n255\n');
    await writeFile(at('mixed/text.ppm'), 'none');
    await writeFile(at('mixed/exports/2026/a.CSV'), 'id\n1\n');
    await writeFile(at('mixed/b.csv'), 'id\n1\n');
    const command = [
      'millrace',
      'convert',
      'mixed',
      '--out',
      'made',
      '--config',
      'several.config.ts',
      '--json',
    ];
    const { stdout } = await run('npx', command, { cwd: folder, env: environment }).catch(
      (error: unknown) => error as { stdout: string },
    );
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { key?: string; code?: string });
    expect(new Map(lines.flatMap(({ key, code }) => (key === undefined ? [] : [[key, code]])))).toEqual(
      new Map([
        ['scan.ppm', undefined],
        ['short.ppm', 'ppm.size'],
        ['text.ppm', 'source.not_accepted'],
        ['exports/2026/a.CSV', undefined],
        ['b.csv', 'image.unsupported_format'],
      ]),
    );
    expect(await readFile(at('made/ndjson/exports/2026/a.ndjson'), 'utf8')).toBe('{"id":"1"}\n');
    expect(await sharp(at('made/thumb/scan.jpg')).metadata()).toMatchObject({ format: 'jpeg', width: 64 });
    expect(await sharp(at('made/web/scan.webp')).metadata()).toMatchObject({ format: 'webp', width: 100 });
  });

  it('has only code that compiles', async () => {
    const compilerOptions = {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      types: ['node'],
      typeRoots: [resolve('node_modules/@types')],
    };
    await writeFile(at('tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const { stdout } = await run(resolve('node_modules/.bin/tsc'), ['-p', folder], { env }).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).toBe('');
  });

  it('has only blocks that were run', () => {
    expect(page.left()).toEqual([]);
  });
});

/** Returns a text without the parts that differ between runs. */
function plain(text: string): string {
  return text
    .replaceAll(/\b\d+ s\b/g, 'N s')
    .replaceAll(/ +/g, ' ')
    .trimEnd();
}
