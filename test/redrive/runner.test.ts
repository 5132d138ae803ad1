import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LambdaClient, type InvokeCommandInput } from '@aws-sdk/client-lambda';
import type { OpsContext } from '../../src/ops/context.ts';
import { createInvoker } from '../../src/ops/invoke-function.ts';
import { startJob } from '../../src/ops/redrive/job.ts';
import { findRecord } from '../../src/ops/redrive/record.ts';
import { createRunner } from '../../src/redrive/runner.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { countMessages } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
});
afterEach(() => bench.stop());

const KEYS = Array.from({ length: 20 }, (_, index) => `photos/${index}.jpg`);
const about = { who: 'operator', why: '', what: 'all dead letters' };

/** Lambda's role: runs invocations in order, each with a limited time. */
function lambdaOf(milliseconds: number) {
  const events: unknown[] = [];
  const client = new LambdaClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const invocations: InvokeCommandInput[] = [];
  client.middlewareStack.add(
    () => (args) => {
      const input = args.input as InvokeCommandInput;
      invocations.push(input);
      events.push(JSON.parse(Buffer.from(input.Payload as Uint8Array | string).toString()));
      return Promise.resolve({ output: { $metadata: {} }, response: undefined });
    },
    { step: 'initialize' },
  );
  const invoke = createInvoker('the-runner', () => Promise.resolve(client));
  const handler = createRunner(ops, invoke);
  return {
    invoke,
    invocations,
    async runAll(): Promise<number> {
      let runs = 0;
      for (let event = events.shift(); event !== undefined; event = events.shift()) {
        runs += 1;
        await handler(event, { getRemainingTimeInMillis: () => 60_000 + milliseconds });
      }
      return runs;
    },
  };
}

describe('the redrive runner', () => {
  it('continues in as many invocations as needed, and moves each message once', async () => {
    await sendAll(
      ops,
      ops.deployment.deadLetterQueueUrl,
      KEYS.map((key) => letterOf(key, 'process.died')),
    );
    // Their outcomes are known immediately, because the sources are gone.
    for (const Key of KEYS) await ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key }));
    const lambda = lambdaOf(1500);
    const { id } = await startJob(ops, { filter: {}, rate: 5, stopIfFailing: 1 }, about, lambda.invoke);
    const runs = await lambda.runAll();
    expect(runs).toBeGreaterThan(1);
    expect(lambda.invocations[0]).toMatchObject({ FunctionName: 'the-runner', InvocationType: 'Event' });
    expect(await findRecord(ops, id)).toMatchObject({
      state: 'done',
      runs,
      counts: { moved: 20, gone: 20, pending: 0 },
    });
    expect(await countMessages(ops.sqs, ops.deployment.retryQueueUrl)).toBe(20);
  });

  it('refuses an event that is not a job', async () => {
    const handler = createRunner(ops, () => Promise.resolve());
    await expect(handler({ Records: [] }, { getRemainingTimeInMillis: () => 60_000 })).rejects.toThrow('id');
  });
});

describe('a redrive that cannot be started', () => {
  it('has a record that says so', async () => {
    let id = '';
    const refuse = (job: { id: string }) => {
      id = job.id;
      return Promise.reject(new Error('Lambda refuses'));
    };
    await expect(startJob(ops, { filter: {}, stopIfFailing: 1 }, about, refuse)).rejects.toThrow('refuses');
    expect(await findRecord(ops, id)).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/refuses/),
    });
  });
});
