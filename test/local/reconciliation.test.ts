import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LocalDeployment } from '../../src/core/deployment.ts';
import { parseRecipe } from '../../src/core/recipe.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import { startReconciliation } from '../../src/local/reconciliation.ts';
import { eventually } from '../support/eventually.ts';
import { storeResult } from '../support/stored.ts';
import { startBench, type Bench } from '../support/worker.ts';
import { objectsIn } from '../support/objects-in.ts';

const DAY = 86_400_000;
const RECIPE = parseRecipe('{"whenDeleted":"delete"}');
let bench: Bench;
let deployment: LocalDeployment;
let notices: string[];
let stop: () => Promise<void> = () => Promise.resolve();
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  bench = await startBench(RECIPE);
  deployment = localDeployment(bench.aws.url, bench.resources, RECIPE);
  notices = [];
});
afterEach(async () => {
  await stop();
  vi.useRealTimers();
  await bench.stop();
});

function start(atStart: boolean, later = 0): void {
  const { s3, sqs, clock } = bench.aws;
  const aws = { s3, sqs, clock: { ...clock, now: () => clock.now() + later } };
  stop = startReconciliation(aws, deployment, atStart, (text) => void notices.push(text));
}

/** Uploads, and loses the notifications. */
async function uploadUnheard(...keys: string[]): Promise<void> {
  for (const key of keys) await bench.upload(key);
  bench.conversion.delete(bench.conversion.receive(10));
}

const leaveResult = (key: string) => storeResult(bench.s3, { bucket: 'uploads', key });

const noticed = (count: number) =>
  eventually(`${count} notices`, async () => notices.length >= count && notices);
const queued = () =>
  bench.conversion.receive(10).flatMap(({ body }) => objectsIn(body).map(({ key }) => key));

describe('the local reconciliation', () => {
  it('at the start queues uploads of an earlier run that no message is about, however recent', async () => {
    await uploadUnheard('a.jpg', 'b.jpg');
    await bench.upload('queued.jpg');
    start(true);
    expect(await noticed(1)).toEqual([
      'reconciliation: 2 uploads had neither a result nor a failure report and went to the conversion queue',
    ]);
    await stop();
    expect(queued().toSorted()).toEqual(['a.jpg', 'b.jpg', 'queued.jpg']);
  });

  it('once a day queues uploads that are not recent', async () => {
    await uploadUnheard('a.jpg');
    start(false);
    await vi.advanceTimersByTimeAsync(DAY);
    await stop();
    expect([queued(), notices]).toEqual([[], []]);
    start(false, DAY);
    await vi.advanceTimersByTimeAsync(DAY - 1);
    expect(queued()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect((await noticed(1))[0]).toMatch(/^reconciliation: 1 upload had neither/);
    expect(queued()).toEqual(['a.jpg']);
  });

  it('queues deleted uploads whose results are to be deleted', async () => {
    await leaveResult('a.jpg');
    start(true);
    expect((await noticed(1))[0]).toMatch(/^reconciliation: 1 deleted upload still had results/);
    await stop();
    expect(queued()).toEqual(['a.jpg']);
    await leaveResult('b.jpg');
    start(true);
    expect((await noticed(2))[1]).toMatch(/^reconciliation: 2 deleted uploads still had results/);
  });

  it('reports a failure, but is quiet once it is stopped', async () => {
    deployment.failureBucket = 'gone';
    start(true);
    expect((await noticed(1))[0]).toMatch(/^reconciliation failed; next try in a day: /);
    await stop();
    start(true);
    await stop();
    await vi.advanceTimersByTimeAsync(2 * DAY);
    expect(notices).toHaveLength(1);
  });
});
