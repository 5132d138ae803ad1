import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { outputsOf, startCloudFormation } from '../support/cloudformation.ts';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { millraceHere } from '../support/command-here.ts';
import { eventually } from '../support/eventually.ts';
import { ctrlC } from '../support/interrupting.ts';
import { jsonLines } from '../support/json-lines.ts';
import { CREDENTIALS, startSignedApi } from '../support/signed-api.ts';

let bench: CommandBench;
let api: Awaited<ReturnType<typeof startSignedApi>>;
let cloudFormation: Awaited<ReturnType<typeof startCloudFormation>>;
beforeAll(async () => {
  bench = await startCommandBench();
  api = await startSignedApi(() => new Response('answered'));
  const outputs = outputsOf(bench.ops.deployment);
  const withApi = outputsOf({ ...bench.ops.deployment, apiUrl: api.url.href });
  cloudFormation = await startCloudFormation(
    new Map([
      ['without', outputs],
      ['with', withApi],
    ]),
  );
});
afterAll(async () => {
  await bench.stop();
  await api.stop();
  await cloudFormation.stop();
});
afterEach(() => vi.unstubAllEnvs());

function onStack(stack: string, ...args: string[]) {
  const variables = {
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    MILLRACE_TOKEN: '',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return millraceHere('ui', '--stack', stack, '--port', '0', ...args);
}

describe('millrace ui', () => {
  it('prints the address of a local pipeline, which serves its own pages', async () => {
    expect(await bench.run('ui')).toEqual({ code: 0, stdout: `pages and API  ${bench.url}\n`, stderr: '' });
    expect(await bench.lines('ui')).toEqual([{ type: 'ready', url: bench.url }]);
  });

  it('fails for a stack without an API', async () => {
    expect(await onStack('without')).toMatchObject({
      code: 2,
      stderr: 'millrace: the deployment without has no API\n',
    });
  });

  it("signs requests to a stack's API, until Ctrl-C", async () => {
    const press = ctrlC();
    let printed = '';
    const running = onStack('with', '--json');
    // The output is captured until the end, but its address is needed now.
    const capture = process.stdout.write;
    process.stdout.write = (text: string) => {
      printed += text;
      return capture.call(process.stdout, text);
    };
    const url = await eventually('it is ready', async () => jsonLines(printed)[0]?.['url']);
    expect(await (await fetch(String(url))).text()).toBe('answered');
    press();
    const { code, stderr } = await running;
    expect(code).toBe(0);
    expect(stderr).toBe(
      `forwards to ${api.url.origin}; to upload from this page, the upload bucket must allow ${String(url)}\n`,
    );
    await expect(fetch(String(url))).rejects.toThrow('fetch failed');
  });
});
