import { S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { dirtyMessage } from '../src/core/notification.ts';
import { DEFAULT_RECIPE } from '../src/core/recipe.ts';
import { localDeployment } from '../src/local/deployment.ts';
import { runRedrive } from '../src/ops/redrive/run.ts';
import { fromQueue } from '../src/ops/redrive/choose.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { startBatchAws } from './batch/aws.ts';
import type { Bench, Benchmark, Measured } from './frame/benchmark.ts';
import { inTurn, median, ratioOf } from './frame/statistics.ts';

const LETTERS = { quick: 1000, default: 10_000, full: 10_000 } as const;
/** Share of the dead letters that the slowest side moves. */
const SHARE = 0.1;
/** The latency between a client and AWS in the same region. */
const LATENCY_MILLISECONDS = 10;
const LANES = 8;

/**
 * Compares a filtered redrive with moving one message at a time, and with the local SQS's maximum rate for the same
 * number of lanes that only receive, send and delete.
 */
export const benchmark: Benchmark = {
  id: 'B9',
  workload: 'filtered redrive of 10,000 dead letters: rate',
  baseline: 'receive, send and delete one by one; maximum of eight lanes',
  run: (bench) => compare(bench, bench.sized(LETTERS)),
};

async function compare(bench: Bench, letters: number): Promise<Measured[]> {
  const aws = await startBatchAws('{}', { s3: 0, other: 0 });
  const config = { ...localClientConfig(aws.url), maxAttempts: 1 };
  const sqs = new SQSClient(config);
  let latency = 0;
  sqs.middlewareStack.add(
    (next) => async (args) => {
      if (latency > 0) await delay(latency);
      return next(args);
    },
    { step: 'initialize', name: 'latency' },
  );
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  let deployment = localDeployment(aws.url, aws.resources, DEFAULT_RECIPE);
  let queues = 0;

  /** Creates a queue. Each measurement has its own, because SQS allows one purge per minute. */
  async function newQueue(): Promise<string> {
    queues += 1;
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `bench-${queues}` }));
    return QueueUrl;
  }

  async function fill(count: number): Promise<void> {
    deployment = { ...deployment, deadLetterQueueUrl: await newQueue(), retryQueueUrl: await newQueue() };
    const { deadLetterQueueUrl: dead } = deployment;
    const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
    let sent = 0;
    const lane = async () => {
      while (sent < count) {
        const begin = sent;
        sent += 10;
        const Entries = Array.from({ length: 10 }, (_, index) => ({
          Id: String(index),
          MessageBody: dirtyMessage({ bucket: 'uploads', key: `photos/${begin + index}.jpg` }),
          MessageAttributes: {
            code: attribute('process.died'),
            message: attribute('out of memory'),
            attempts: { DataType: 'Number', StringValue: '5' },
          },
        }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl: dead, Entries }));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  /** Returns messages per second. */
  async function rateOf(count: number, run: () => Promise<number>, milliseconds = 0): Promise<number> {
    await fill(count);
    latency = milliseconds;
    const begun = performance.now();
    const moved = await run();
    if (moved !== count) throw new Error(`expected ${count} moved messages, got ${moved}`);
    latency = 0;
    return count / ((performance.now() - begun) / 1000);
  }

  const receive = (most: number) =>
    sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: deployment.deadLetterQueueUrl,
        MaxNumberOfMessages: most,
        // A long poll, to find all messages, as the redrive does.
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );

  async function ours(): Promise<number> {
    const request = {
      source: fromQueue({ s3, sqs, deployment }, { code: 'process.died', prefix: 'photos/' }),
      stopIfFailing: 1,
      wait: false,
      who: 'bench',
      why: 'bench',
      what: 'bench',
    };
    const { counts } = await runRedrive({ s3, sqs, deployment }, request, new AbortController().signal);
    return counts.moved;
  }

  /** Stops at the count instead of with an empty long poll, which would add a quarter to the measured time. */
  async function oneByOne(count: number): Promise<number> {
    for (let moved = 0; moved < count; moved += 1) {
      const { Messages: [message] = [] } = await receive(1);
      if (message === undefined) return moved;
      const { Body, MessageAttributes, ReceiptHandle } = message;
      await sqs.send(
        new SendMessageCommand({ QueueUrl: deployment.retryQueueUrl, MessageBody: Body, MessageAttributes }),
      );
      await sqs.send(new DeleteMessageCommand({ QueueUrl: deployment.deadLetterQueueUrl, ReceiptHandle }));
    }
    return count;
  }

  async function capacity(): Promise<number> {
    let moved = 0;
    const lane = async () => {
      for (;;) {
        const { Messages = [] } = await receive(10);
        if (Messages.length === 0) return;
        await sqs.send(
          new SendMessageBatchCommand({
            QueueUrl: deployment.retryQueueUrl,
            Entries: Messages.map(({ Body, MessageAttributes }, index) => ({
              Id: String(index),
              MessageBody: Body,
              MessageAttributes,
            })),
          }),
        );
        await sqs.send(
          new DeleteMessageBatchCommand({
            QueueUrl: deployment.deadLetterQueueUrl,
            Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
          }),
        );
        moved += Messages.length;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return moved;
  }

  try {
    const oneByOneLetters = letters * SHARE;
    const farLetters = oneByOneLetters * SHARE;
    const rates = await inTurn(
      bench.sized({ quick: 1, default: 3, full: 5 }),
      {
        ours: () => rateOf(letters, ours),
        capacity: () => rateOf(letters, capacity),
        oneByOne: () => rateOf(oneByOneLetters, () => oneByOne(oneByOneLetters)),
        oursFar: () => rateOf(letters, ours, LATENCY_MILLISECONDS),
        oneByOneFar: () => rateOf(farLetters, () => oneByOne(farLetters), LATENCY_MILLISECONDS),
      },
      0,
    );
    bench.note(
      `messages per second: redrive ${median(rates.ours).toFixed(0)}, one by one ${median(rates.oneByOne).toFixed(0)}, maximum ${median(rates.capacity).toFixed(0)}`,
    );
    return [
      {
        name: `one by one, ${LATENCY_MILLISECONDS} ms per request`,
        ...ratioOf(rates.oursFar, rates.oneByOneFar),
        target: { atLeast: 15 },
      },
      { name: 'one by one, no latency', ...ratioOf(rates.ours, rates.oneByOne) },
      { name: 'eight lanes', ...ratioOf(rates.ours, rates.capacity), target: { atLeast: 0.8 } },
    ];
  } finally {
    await aws.stop();
    sqs.destroy();
    s3.destroy();
  }
}
