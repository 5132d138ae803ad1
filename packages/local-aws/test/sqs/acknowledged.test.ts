import { CreateQueueCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { expect, it, onTestFinished } from 'vitest';
import { noJournal } from '../../src/journal.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { errorOf } from '../s3/server.ts';
import { startSqs } from './server.ts';

it('a change is acknowledged once it is on disk, and a read does not wait for the disk', async () => {
  const writes: (() => void)[] = [];
  const flush = () => new Promise<void>((written) => void writes.push(written));
  const local = await startSqs({ ...noJournal, flush });
  onTestFinished(() => local.stop());
  let acknowledged = false;
  const creating = local.newQueue().then((url) => {
    acknowledged = true;
    return url;
  });
  await eventually('the change is written', () => Promise.resolve(writes.length > 0));
  const { QueueUrl } = await local.sqs.send(new GetQueueUrlCommand({ QueueName: 'queue-1' }));
  expect(acknowledged).toBe(false);
  for (const written of writes) written();
  expect(await creating).toBe(QueueUrl);
});

it('a change that cannot be written fails, and the error is reported', async () => {
  const full = new Error('no space is left');
  const local = await startSqs({ ...noJournal, flush: () => Promise.reject(full) });
  const creating = local.sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
  expect(await errorOf(creating)).toEqual({ name: 'InternalFailure', status: 500 });
  await expect(local.stop()).rejects.toThrow(expect.objectContaining({ errors: [full] }));
});
