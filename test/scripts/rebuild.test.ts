import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildModules } from '../../scripts/build/modules.ts';
import { DIST } from '../../scripts/build/outputs.ts';

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

let sources: string;
let folder: string;
let name: string;
beforeEach(async () => {
  await mkdir(DIST, { recursive: true });
  folder = await mkdtemp(resolve(DIST, 'rebuilt-'));
  name = folder.slice(resolve(DIST).length + 1);
  sources = join(folder, 'sources');
  await mkdir(sources);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Builds a program that loads a chunk for each line that it reads. */
async function build(version: string): Promise<void> {
  await writeFile(join(sources, 'part.ts'), `export const version = '${version}';`);
  await writeFile(
    join(sources, 'main.ts'),
    `
import { createInterface } from 'node:readline';
console.log('ready');
createInterface({ input: process.stdin }).on('line', async () => {
  console.log((await import('./part.ts')).version);
});`,
  );
  await buildModules(`${name}/built`, [], { main: join(sources, 'main.ts') });
}

const chunks = () => readdir(join(folder, 'built/chunks'));

/** Starts the current build of the program. @returns a function that gets its answers */
async function start(): Promise<() => Promise<string>> {
  const child = spawn(process.execPath, [join(folder, 'built/main.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  expect(await next()).toBe('ready');
  return async () => {
    const exited = once(child, 'exit');
    child.stdin.end('load it\n');
    const answer = await next();
    await exited;
    return answer;
  };
}

describe('a build', () => {
  it('keeps the chunks that a running program has yet to load', async () => {
    await build('1');
    const first = await start();
    await build('2');
    const second = await start();
    await build('3');
    expect(await first()).toBe('1');
    expect(await second()).toBe('2');
    expect(await (await start())()).toBe('3');
  });

  it('excludes chunks of earlier builds from the package', async () => {
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'rebuilt', version: '1.0.0', files: ['built'] }),
    );
    await build('1');
    const [old = ''] = await chunks();
    await build('2');
    const current = (await chunks()).find((chunk) => chunk !== old);
    const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json'], { cwd: folder });
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    expect(files.map(({ path }) => path).toSorted()).toEqual([
      `built/chunks/${current}`,
      'built/main.js',
      'package.json',
    ]);
  });

  it('removes chunks that were replaced more than a week ago', async () => {
    await build('1');
    const [old = ''] = await chunks();
    // Its age does not matter, because it was in use until the next build.
    const written = new Date(Date.now() - 30 * DAY_MILLISECONDS);
    await utimes(join(folder, 'built/chunks', old), written, written);
    await build('2');
    await build('3');
    expect(await chunks()).toHaveLength(3);
    const replaced = new Date(Date.now() - 8 * DAY_MILLISECONDS);
    await utimes(join(folder, 'built/chunks', old), replaced, replaced);
    await build('4');
    expect(await chunks()).toHaveLength(3);
    expect(await chunks()).not.toContain(old);
  });
});
