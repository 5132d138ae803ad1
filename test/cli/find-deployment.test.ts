import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { outputsOf, startCloudFormation } from '../support/cloudformation.ts';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { millraceHere } from '../support/command-here.ts';
import { startTestServer } from '../support/http-server.ts';

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
    const { url, stop } = await startTestServer((_request, response) => {
      response.writeHead(status).end(body);
    });
    const finished = await dlq({}, '--endpoint', url);
    await stop();
    expect(finished).toMatchObject({ code: 3, stderr: expect.stringContaining('is not a local pipeline') });
  });
});

describe('the pipeline of a stack', () => {
  const ARN = 'arn:aws:cloudformation:us-east-1:123456789012:stack/photos/c9a1e3b0';
  let cloudFormation: Awaited<ReturnType<typeof startCloudFormation>>;
  beforeAll(async () => {
    const outputs = outputsOf(bench.ops.deployment);
    const prefixed = (id: string) => Object.entries(outputs).map(([name, value]) => [id + name, value]);
    const several = Object.fromEntries([...prefixed('Photos'), ...prefixed('Scans')]);
    cloudFormation = await startCloudFormation(
      new Map([
        ['photos', outputs],
        [ARN, outputs],
        ['several', several],
        ['other', {}],
      ]),
    );
    await bench.upload('stacked/a.jpg');
  });
  afterAll(() => cloudFormation.stop());

  beforeEach(() => void vi.stubEnv('MILLRACE_ENDPOINT', ''));

  function onStack(stack: string, ...args: string[]) {
    const variables = {
      MILLRACE_STACK: stack,
      AWS_ENDPOINT_URL: bench.aws.url,
      AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'thing',
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    return millraceHere(...args);
  }

  it.each(['photos', ARN, 'several/Scans'])('is found by the name %s', async (stack) => {
    const counted = { code: 4, stdout: '1 uploaded, 0 converted, 0 failed, 1 pending\n' };
    expect(await onStack(stack, 'status', 'stacked/')).toMatchObject(counted);
    expect(await onStack('nonsense', 'status', 'stacked/', '--stack', stack)).toMatchObject(counted);
  });

  it.each([
    ['several', 'add /Photos or /Scans to its name'],
    ['none', 'the stack none could not be read: Stack with id none does not exist'],
    ['other', 'the stack other could not be read: not a stack of this project'],
  ])('is not found by the name %s', async (stack, text) => {
    expect(await onStack(stack, 'dlq')).toMatchObject({ code: 3, stderr: expect.stringContaining(text) });
  });

  it('is not looked for if an address is given', async () => {
    expect(await onStack('none', 'status', 'stacked/', '--endpoint', bench.url)).toMatchObject({ code: 4 });
  });

  it('is that of --stack, whatever address the environment has', async () => {
    vi.stubEnv('MILLRACE_ENDPOINT', 'http://127.0.0.1:1');
    expect(await onStack('none', 'status', 'stacked/', '--stack', 'photos')).toMatchObject({ code: 4 });
  });

  it('has costs, which a backfill estimates', async () => {
    const dry = await onStack('photos', 'backfill', 'stacked/', '--dry-run');
    expect(dry).toMatchObject({
      code: 0,
      stdout: '1 upload would be queued, for about $0.00 (docs/deploy.md)\n',
    });
    const { stdout } = await onStack('photos', 'backfill', 'stacked/', '--dry-run', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ found: 1, dollars: expect.closeTo(0.0000152, 6) });
    const asking = await onStack('photos', 'backfill', 'stacked/');
    expect(asking.stderr).toMatch(/^1 upload to queue, for about \$0\.00/);
  });
});
