import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { handlerFile } from '../support/handler-file.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';

let pipeline: TestPipeline;
afterEach(() => (pipeline as TestPipeline | undefined)?.stop());

/** Returns the first notice that matches, once there is one. */
const notice = (pattern: RegExp) =>
  eventually(`a notice like ${pattern}`, async () => pipeline.notices.find((text) => pattern.test(text)));

describe('a local pipeline', () => {
  it('says which log explains why a worker died', async () => {
    pipeline = await startTestPipeline({ workerModule: handlerFile('poisonable-worker'), concurrency: 1 });
    await pipeline.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'a.txt', Body: 'POISON' }));
    const said = await notice(/invocation/);
    expect(said).toMatch(
      /^a worker invocation with 1 message failed: the process ended with SIGKILL; its log: /,
    );
    expect(existsSync(said.split('its log: ')[1] ?? '')).toBe(true);
  });

  it('says once that there are dead letters, also while a reader has them', async () => {
    pipeline = await startTestPipeline({ concurrency: 1 });
    const QueueUrl = pipeline.queues.deadLetter;
    const alarms = () => pipeline.notices.filter((text) => text.startsWith('alarm dead-letters: '));
    expect(alarms()).toEqual([]);
    await pipeline.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'unreadable' }));
    await notice(/^alarm dead-letters: /);
    const received = await pipeline.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 600 }));
    expect(received.Messages).toHaveLength(1);
    // It looks every second.
    await delay(2500);
    expect(await (await fetch(`${pipeline.url}/alarms`)).json()).toEqual({ 'dead-letters': 'alarm' });
    expect(alarms()).toHaveLength(1);
  });

  it('is closed once it has stopped', async () => {
    pipeline = await startTestPipeline({ concurrency: 1 });
    expect((await fetch(pipeline.url)).status).toBe(200);
    await pipeline.stop();
    for (const url of [pipeline.url, pipeline.awsUrl])
      await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});
