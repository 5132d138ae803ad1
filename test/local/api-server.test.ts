import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/api/deps.ts';
import { parseRecipe } from '../../src/core/recipe.ts';
import { startApi } from '../../src/local/api-server.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import { currentUser } from '../../src/ops/current-user.ts';
import { startBench, type Bench } from '../support/worker.ts';

const RECIPE = parseRecipe('{"limits":{"bytes":5000}}');
const MINUTES = [{ at: '2026-11-28T12:00:00.000Z', converted: 1, rejected: 2, failed: 3 }];
let bench: Bench;
let api: Awaited<ReturnType<typeof startApi>>;
let audited: AuditEntry[];
beforeEach(async () => {
  audited = [];
  bench = await startBench(RECIPE);
  api = await startApi({
    port: 0,
    recipe: RECIPE,
    deployment: localDeployment(bench.aws.url, bench.resources, RECIPE),
    alarms: { states: () => ({ 'dead-letters': 'alarm' }), stop: () => undefined },
    metrics: { minutes: () => MINUTES },
    audit: async (entry) => void audited.push(entry),
    onError(error) {
      throw error;
    },
  });
});
afterEach(async () => {
  await api.stop();
  await bench.stop();
});

const json = async (path: string) => (await fetch(api.url + path)).json();
const post = (path: string, body: object) =>
  fetch(api.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('the API of the local pipeline', () => {
  it('tells the command its deployment, with its own URL, and its alarms', async () => {
    expect(await json('/deployment')).toEqual({
      ...localDeployment(bench.aws.url, bench.resources, RECIPE),
      apiUrl: api.url,
    });
    expect(await json('/alarms')).toEqual({ 'dead-letters': 'alarm' });
  });

  it('has the metrics and the alarm of the pipeline', async () => {
    expect(await json('/ops/summary')).toMatchObject({ minutes: MINUTES, alarm: 'alarm', deadLetters: 0 });
  });

  it('accepts files up to the limit of the recipe', async () => {
    const sign = (size: number) => post('/uploads', { files: [{ name: 'a.jpg', size }] });
    expect((await sign(5000)).status).toBe(200);
    expect((await sign(5001)).status).toBe(400);
  });

  it('records changes under the name of the user of this machine', async () => {
    const purge = { queueName: 'millrace-dead-letters', ids: ['none'] };
    expect(await (await post('/ops/purges', purge)).json()).toMatchObject({ deleted: 0, missing: 1 });
    expect(audited[0]).toMatchObject({ action: 'purge', who: currentUser() });
  });

  it('runs redrives', async () => {
    const ordered = await post('/ops/redrives', { reason: 'fixed' });
    expect(ordered.status).toBe(202);
    const { id } = (await ordered.json()) as { id: string };
    expect(await json(`/ops/redrives/${id}`)).toMatchObject({ why: 'fixed', who: currentUser() });
  });

  it('is not reached under another host name or from pages of another origin', async () => {
    const foreign = await fetch(`${api.url}/deployment`, { headers: { origin: 'http://evil.example' } });
    expect(foreign.status).toBe(403);
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      const asking = httpRequest(`${api.url}/deployment`, { headers: { host: 'evil.example' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asking.on('error', reject).end();
    });
    expect(rebound).toBe(403);
    // Another address of this machine, as that of its network is.
    await expect(fetch(api.url.replace('127.0.0.1', '127.0.0.2'))).rejects.toThrow('fetch failed');
  });

  it("lets only its own pages send files and parts to S3, and read the parts' ETags", async () => {
    const preflight = async (origin: string, method: string) => {
      const { headers } = await fetch(`${bench.aws.url}/uploads/a.jpg`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': 'content-type',
        },
      });
      return headers.get('access-control-allow-origin');
    };
    for (const host of ['127.0.0.1', 'localhost', '[::1]'])
      for (const method of ['POST', 'PUT']) {
        const origin = `http://${host}:${new URL(api.url).port}`;
        expect(await preflight(origin, method)).toBe(origin);
      }
    expect(await preflight('http://evil.example', 'POST')).toBeNull();
    expect(await preflight(api.url, 'GET')).toBeNull();
    const { files, post: form } = (await (
      await post('/uploads', { files: [{ name: 'a.jpg', size: 4, type: 'image/jpeg' }] })
    ).json()) as { files: { key: string }[]; post: { url: string; fields: Record<string, string> } };
    const body = new FormData();
    const fields = { ...form.fields, key: files[0]?.key ?? '', 'Content-Type': 'image/jpeg' };
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set('file', new Blob(['text']));
    const sent = await fetch(form.url, { method: 'POST', body, headers: { origin: api.url } });
    expect(sent.ok).toBe(true);
    expect(sent.headers.get('access-control-expose-headers')).toContain('ETag');
  });
});
