import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { OUTPUTS } from '../../src/core/deployment.ts';
import { finish, spawnCommand } from '../support/command.ts';
import { startTestPipeline } from '../support/pipeline.ts';
import { CREDENTIALS, startSignedApi } from '../support/signed-api.ts';
import { startTestServer } from '../support/http-server.ts';

it("millrace ui serves a stack's pages and signs their requests", async () => {
  const api = await startSignedApi(({ path }) => new Response(`answer to ${path}`));
  const outputs: Record<string, string> = {
    ...Object.fromEntries(Object.values(OUTPUTS).map((name) => [name, 'made'])),
    [OUTPUTS.generation]: '1',
    [OUTPUTS.ignore]: '[]',
    [OUTPUTS.whenDeleted]: 'keep',
    [OUTPUTS.rules]: '[]',
    [OUTPUTS.extensions]: '{}',
    [OUTPUTS.apiUrl]: api.url.origin,
  };
  const cloudFormation = await startTestServer((req, res) => {
    req.resume();
    const members = Object.entries(outputs)
      .map(
        ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
      )
      .join('');
    res.writeHead(200, { 'content-type': 'text/xml' });
    res.end(
      `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>` +
        `<StackName>photos</StackName><Outputs>${members}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
    );
  });

  const child = spawnCommand(['ui', '--stack', 'photos', '--port', '0', '--json'], {
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  });
  let url = '';
  for await (const line of createInterface({ input: child.stdout })) {
    ({ url } = z.object({ type: z.literal('ready'), url: z.string() }).parse(JSON.parse(line)));
    break;
  }
  const answer = await fetch(`${url}/ops/summary`);
  expect(await answer.text()).toBe('answer to /ops/summary');
  expect(api.seen).toHaveLength(1);
  const ended = finish(child);
  child.kill('SIGINT');
  expect((await ended).code).toBe(0);
  await cloudFormation.stop();
  await api.stop();
});

it("millrace ui prints the address of a local pipeline's pages", async () => {
  const pipeline = await startTestPipeline({ concurrency: 1 });
  const ended = await finish(spawnCommand(['ui', '--endpoint', pipeline.url]));
  await pipeline.stop();
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining(pipeline.url) });
});
