import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publishMissing, type Published } from '../../scripts/release/publish.ts';
import { startTestServer, type TestServer } from '../support/http-server.ts';

interface Packument {
  versions: Record<string, object>;
}

/** The contents of the npm registry, by name. */
const packages = new Map<string, Packument>();
/** Packages whose requests are refused. */
let failing: { method: string; name: string; status: number } | undefined;
let registry: TestServer;
let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  packages.clear();
  failing = undefined;
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  registry = await startTestServer((req, res) => {
    void answerOf(req).then(([status, body]) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    );
  });
  const { host } = new URL(registry.url);
  await writeFile(
    join(folder, 'npmrc'),
    `registry=http://${host}/\n//${host}/:_authToken=secret\nfetch-retries=0\nupdate-notifier=false\naudit=false\n`,
  );
  env = {
    PATH: process.env['PATH'],
    HOME: folder,
    npm_config_userconfig: join(folder, 'npmrc'),
    npm_config_cache: join(folder, 'cache'),
  };
});
afterEach(async () => {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Answers as npm's registry does. */
async function answerOf(req: IncomingMessage): Promise<[status: number, body: object]> {
  const name = decodeURIComponent((req.url ?? '').slice(1));
  const found = packages.get(name);
  const sent = req.method === 'PUT' ? ((await json(req)) as Packument) : undefined;
  if (failing?.method === req.method && failing?.name === name) return [failing.status, {}];
  if (sent === undefined) return found === undefined ? [404, {}] : [200, found];
  packages.set(name, { ...found, ...sent, versions: { ...found?.versions, ...sent.versions } });
  return [201, {}];
}

async function packageOf(name: string, version: string, built = true): Promise<Published> {
  const path = join(folder, name);
  const build = async () => {
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'package.json'), JSON.stringify({ name, version }));
  };
  if (built) await build();
  return { name, version, folder: path, ...(built ? {} : { build }) };
}

async function publish(...some: Published[]): Promise<string[]> {
  const notices: string[] = [];
  await publishMissing(some, (text) => void notices.push(text), env);
  return notices;
}

const versionsOf = (name: string) => Object.keys(packages.get(name)?.versions ?? {});

describe('publishing', () => {
  it('resumes after a failure', async () => {
    const first = await packageOf('first', '1.0.0');
    const second = await packageOf('@scope/second', '0.2.0', false);
    failing = { method: 'PUT', name: '@scope/second', status: 500 };
    await expect(publish(first, second)).rejects.toThrow('npm publish');
    expect([versionsOf('first'), versionsOf('@scope/second')]).toEqual([['1.0.0'], []]);

    failing = { method: 'PUT', name: 'first', status: 403 };
    expect(await publish(first, second)).toEqual([
      'first@1.0.0 is already published',
      '@scope/second@0.2.0 published',
    ]);
    expect([versionsOf('first'), versionsOf('@scope/second')]).toEqual([['1.0.0'], ['0.2.0']]);
  });

  it('publishes a new version of a package that is already in the registry', async () => {
    await publish(await packageOf('first', '1.0.0'));
    expect(await publish(await packageOf('first', '1.1.0'))).toEqual(['first@1.1.0 published']);
    expect(versionsOf('first')).toEqual(['1.0.0', '1.1.0']);
  });

  it('publishes nothing if the registry does not answer', async () => {
    failing = { method: 'GET', name: 'first', status: 500 };
    await expect(publish(await packageOf('first', '1.0.0'))).rejects.toThrow('npm view');
    expect(versionsOf('first')).toEqual([]);
  });
});
