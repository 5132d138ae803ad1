import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '../../src/api/app.ts';
import type { AuditEntry } from '../../src/api/deps.ts';
import { purgedSchema } from '../../src/contract/purges.ts';
import { queueName } from '../../src/api/queue-name.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { refusing } from '../support/failing.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { countMessages } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';
import { jsonLines } from '../support/json-lines.ts';

let bench: Bench;
let ops: OpsContext;
let audited: AuditEntry[];
let keepAudit: (entry: AuditEntry) => void;
let app: ReturnType<typeof createApi>;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
  audited = [];
  keepAudit = (entry) => void audited.push(entry);
  const unused = () => Promise.reject(new Error('a purge needs none of this'));
  app = createApi({
    ...ops,
    maxUploadBytes: 1,
    pages: unused,
    readMinutes: unused,
    readAlarm: unused,
    startRedrive: unused,
    callerOf: () => 'an operator',
    audit: (entry) => keepAudit(entry),
    onError: () => undefined,
  });
});
afterEach(() => bench.stop());

const queue = () => ops.deployment.deadLetterQueueUrl;
const letters = (count: number) =>
  Array.from({ length: count }, (_, index) => letterOf(`${index}.jpg`, 'image.corrupt'));

/** Sends dead letters. Returns their ids. */
async function send(count: number): Promise<string[]> {
  await sendAll(ops, queue(), letters(count));
  const exported = await app.request('/ops/dead-letters/export');
  return jsonLines<{ id: string }>(await exported.text()).map(({ id }) => id);
}

const ask = (ids: string[]) =>
  app.request('/ops/purges', {
    method: 'POST',
    body: JSON.stringify({ queueName: queueName(queue()), ids }),
    headers: { 'content-type': 'application/json' },
  });

async function purge(ids: string[]) {
  const answer = await ask(ids);
  expect(answer.status).toBe(200);
  return purgedSchema.parse(await answer.json());
}

describe('a purge', () => {
  it('counts only messages that SQS deleted, and reports if it is incomplete', async () => {
    const ids = await send(10);
    refusing(ops.sqs, 'DeleteMessageBatchCommand', 3);
    expect(await purge(ids)).toEqual({ deleted: 7, missing: 0, complete: false });
    expect(await countMessages(ops.sqs, queue())).toBe(3);
    expect(audited.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^10 dead letters/),
      'of these, 7 were deleted',
    ]);
  });

  it('can be completed with the same ids: deleted messages count as missing', async () => {
    const ids = await send(10);
    refusing(ops.sqs, 'DeleteMessageBatchCommand', 3, { times: 1 });
    await purge(ids);
    expect(await purge(ids)).toEqual({ deleted: 3, missing: 7, complete: true });
    expect(await countMessages(ops.sqs, queue())).toBe(0);
  });

  it('deletes no message whose audit line was not stored', async () => {
    const ids = await send(2);
    keepAudit = () => {
      throw new Error('the audit log is full');
    };
    expect((await ask(ids)).status).toBe(500);
    expect(await countMessages(ops.sqs, queue())).toBe(2);
  });
});
