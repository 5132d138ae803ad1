import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startLocalAws, type LocalAws } from '../src/aws.ts';
import { MACHINE } from '../src/clock.ts';
import type { HttpHandler } from '../src/faults.ts';
import { startServer } from '../src/server.ts';
import { inTime } from '../../../test/support/eventually.ts';

let folder: string;
let aws: LocalAws;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const onError = (error: unknown) => expect(error).toBeUndefined();
  aws = await startLocalAws({ port: 0, folder, keep: false, onError });
});
afterAll(async () => {
  await aws.stop();
  await rm(folder, { recursive: true, force: true });
});

async function statusFor(host: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const sent = request(aws.url, { method: 'POST', headers: { ...headers, host } });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

it.each([
  'evil.example',
  'evil.example:4801',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'evil127.0.0.1',
])('S3, SQS and DynamoDB refuse other host names for this machine, such as %s', async (host) => {
  for (const target of ['', 'AmazonSQS.PurgeQueue', 'DynamoDB_20120810.ListTables'])
    expect(await statusFor(host, target === '' ? {} : { 'x-amz-target': target })).toBe(403);
});

it.each(['127.0.0.1:4801', 'localhost', '[::1]:4801', 'uploads.localhost:4801'])(
  'they accept %s',
  async (host) => {
    const list = { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' };
    expect(await statusFor(host, list)).not.toBe(403);
  },
);

describe('a web page of another origin', () => {
  const from = (origin: string, headers: Record<string, string>) =>
    fetch(aws.url, { method: 'POST', headers: { ...headers, origin }, body: '{}' });
  const apis: [string, Record<string, string>][] = [
    ['SQS', { 'x-amz-target': 'AmazonSQS.PurgeQueue' }],
    ["SQS's query protocol", { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }],
    ['DynamoDB', { 'x-amz-target': 'DynamoDB_20120810.ListTables' }],
  ];

  it.each(apis)('gets nothing from %s', async (_what, headers) => {
    const answer = await from('http://evil.example', headers);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(await answer.text()).toBe('this server refuses requests from web pages\n');
    expect((await from(aws.url, headers)).status).not.toBe(403);
  });

  it("is left to the bucket's rules by S3", async () => {
    const answer = await fetch(aws.url, { headers: { origin: 'http://evil.example' } });
    expect(answer.headers.get('content-type')).toBe('application/xml');
    expect(await answer.text()).toContain('CORS');
  });
});

describe('a server', () => {
  async function serve(s3: HttpHandler) {
    const errors: unknown[] = [];
    const server = await startServer({
      port: 0,
      s3,
      sqs: s3,
      machine: MACHINE,
      onError: (error) => void errors.push(error),
    });
    return { ...server, errors };
  }

  it('closes the connection of a request that meets a bug, and reports the bug', async () => {
    const bug = new TypeError('a bug');
    const { url, stop, errors } = await serve(() => Promise.reject(bug));
    onTestFinished(stop);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    expect(errors).toEqual([bug]);
  });

  it('stops with idle connections, and with requests that never end', async () => {
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const { url, stop } = await serve(async (req, res) => void (req.url === '/' && res.end()));
    const idle = request(url, { agent }).end();
    const [answer] = (await once(idle, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    const endless = request(`${url}/endless`).end();
    const cut = once(endless, 'error');
    await inTime('the request is on its way', once(endless, 'finish'));
    await inTime('the server stops', stop());
    await expect(cut).resolves.toMatchObject([{ code: 'ECONNRESET' }]);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});
