import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { millraceHere } from '../support/command-here.ts';
import { createTestServer } from '../support/http-server.ts';

let bench: CommandBench;
beforeAll(async () => {
  bench = await startCommandBench();
});
afterAll(() => bench.stop());
afterEach(() => vi.unstubAllEnvs());

/** Runs a command that needs a pipeline, with these variables. */
function dlq(variables: Record<string, string>, ...args: string[]) {
  for (const name of ['MILLRACE_ENDPOINT', 'MILLRACE_STACK']) vi.stubEnv(name, variables[name]);
  return millraceHere('dlq', ...args);
}

describe('the pipeline of a command', () => {
  it('is that of --endpoint, otherwise that of the environment', async () => {
    const nowhere = { MILLRACE_ENDPOINT: 'http://127.0.0.1:1', MILLRACE_STACK: 'none' };
    expect(await dlq(nowhere, '--endpoint', bench.url)).toMatchObject({
      code: 0,
      stdout: 'no dead letters\n',
    });
    expect(await dlq({ MILLRACE_ENDPOINT: bench.url })).toMatchObject({ code: 0 });
    // An empty variable counts as unset.
    expect(await dlq({ MILLRACE_ENDPOINT: bench.url, MILLRACE_STACK: '' })).toMatchObject({ code: 0 });
  });

  it.each([
    [{}, ['--endpoint', 'http://127.0.0.1:1', '--stack', 's'], 2, 'either --endpoint or --stack'],
    [{ MILLRACE_ENDPOINT: 'http://127.0.0.1:1', MILLRACE_STACK: 's' }, [], 2, 'are both set'],
    [{ MILLRACE_ENDPOINT: 'nonsense' }, [], 2, 'MILLRACE_ENDPOINT: expected a URL'],
    [{}, ['--endpoint', 'ftp://127.0.0.1'], 2, '--endpoint: expected a URL'],
    [{ MILLRACE_ENDPOINT: 'http://127.0.0.1:1' }, [], 3, 'no pipeline answers at http://127.0.0.1:1'],
  ])('is not found with %j and %j', async (variables, args, code, text) => {
    const finished = await dlq(variables, ...args);
    expect(finished).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(text) });
  });

  it.each([
    [200, '{"ok":true}'],
    [200, 'a page'],
    [500, '{}'],
  ])('is no other server, such as one that responds with %i %s', async (status, body) => {
    const server = createTestServer((_request, response) => {
      response.writeHead(status).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const finished = await dlq({}, '--endpoint', `http://127.0.0.1:${port}`);
    server.close();
    expect(finished).toMatchObject({ code: 3, stderr: expect.stringContaining('is not a local pipeline') });
  });
});
