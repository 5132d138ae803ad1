import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Connection } from '../../../src/cli/connection.ts';
import { withAlarm } from '../../../src/cli/drill/alarm.ts';
import { startTestServer, type TestServer } from '../../support/http-server.ts';

let server: TestServer;
let asked: (string | undefined)[];
let answer: object;
let status: number;
beforeEach(async () => {
  [asked, answer, status] = [[], {}, 200];
  server = await startTestServer((request, response) => {
    void (async () => {
      asked.push(request.url, await text(request));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    })();
  });
  const variables = {
    AWS_ENDPOINT_URL_CLOUDWATCH: server.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
  return server.stop();
});

const onStack = (deadLetterAlarm?: string) => ({ deployment: { deadLetterAlarm } }) as Connection;

it("reads a local pipeline's alarm from its API each time", async () => {
  await withAlarm({ ...onStack(), localUrl: server.url }, async (read) => {
    for (const state of ['ok', 'alarm']) {
      answer = { 'dead-letters': state };
      expect(await read()).toBe(state);
    }
  });
  expect(asked).toEqual(['/alarms', '', '/alarms', '']);
});

it("fails if a local pipeline's API does not have it", async () => {
  status = 503;
  const reading = withAlarm({ ...onStack(), localUrl: server.url }, (read) => read());
  await expect(reading).rejects.toMatchObject({
    exitCode: 3,
    message: `${server.url}/alarms responded with status 503`,
  });
});

it("reads a stack's alarm in CloudWatch", async () => {
  answer = { MetricAlarms: [{ StateValue: 'ALARM' }] };
  expect(await withAlarm(onStack('prod-dead-letters'), (read) => read())).toBe('alarm');
  expect(asked).toEqual(['/', '{"AlarmNames":["prod-dead-letters"]}']);
});

it('asks nobody about a stack without an alarm', async () => {
  expect(await withAlarm(onStack(), (read) => read())).toBeUndefined();
  expect(asked).toEqual([]);
});
