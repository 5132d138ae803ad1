import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { checkRepository, MANIFESTS } from '../../scripts/release/repository.ts';

const manifests = (...repositories: unknown[]) =>
  new Map(MANIFESTS.map((path, index) => [path, JSON.stringify({ repository: repositories[index] })]));
const URL = { type: 'git', url: 'git+https://github.com/somebody/millrace.git' };

it.each([
  [URL, { ...URL, directory: 'packages/local-aws' }],
  ['github:somebody/millrace', 'https://github.com/somebody/millrace'],
])('packages that name the repository can be released: %j', (...repositories) => {
  expect(() => checkRepository(manifests(...repositories))).not.toThrow();
  expect(() => checkRepository(manifests(...repositories), 'Somebody/millrace')).not.toThrow();
});

it('a package whose repository is not the publishing one cannot be released', () => {
  expect(() => checkRepository(manifests(URL, 'github:else/where'), 'somebody/millrace')).toThrow(
    /^packages\/local-aws\/package\.json names the repository else\/where, but somebody\/millrace publishes it/,
  );
});

it('releasing packages without a repository fails with one line that says what to add', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'packages/local-aws'), { recursive: true });
  for (const path of MANIFESTS) await writeFile(join(folder, path), '{}');
  const args = ['--import', import.meta.resolve('tsx'), resolve('scripts/release.ts')];
  const env = { PATH: process.env['PATH'] };
  for (const step of ['check', 'publish'])
    await expect(
      promisify(execFile)(process.execPath, [...args, step], { cwd: folder, env }),
    ).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'release: npm requires a GitHub repository for publishing with provenance: add "repository": { "type": "git", "url": "git+https://github.com/OWNER/NAME.git" } to package.json and packages/local-aws/package.json\n',
    });
});
