import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SETTINGS } from '../../src/core/settings.ts';
import type { LocalDeployment } from '../../src/core/deployment.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import { startExpiryGuard } from '../../src/local/expiry-guard.ts';
import { eventually } from '../support/eventually.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { listKeys } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let deployment: LocalDeployment;
let notices: string[];
let stop: () => void = () => undefined;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  bench = await startBench();
  deployment = localDeployment(bench.aws.url, bench.resources, DEFAULT_RECIPE);
  notices = [];
  const letters = ['a.jpg', 'b.jpg'].map((key) => letterOf(key, 'image.corrupt'));
  await sendAll(opsOf(bench), deployment.deadLetterQueueUrl, letters);
});
afterEach(async () => {
  stop();
  vi.useRealTimers();
  await bench.stop();
});

const soonExpired = () => Date.now() + (SETTINGS.archiveAfterSeconds + 60) * 1000;
function start(atStart: boolean, now: () => number): void {
  stop = startExpiryGuard(deployment, atStart, now, (text) => void notices.push(text));
}
const firstNotice = () => eventually('there is a notice', async () => notices[0]);
const archived = () => listKeys(bench.s3, 'failures');

describe('the local expiry guard', () => {
  it('archives dead letters of an earlier run at the start, before they expire', async () => {
    start(true, soonExpired);
    expect(await firstNotice()).toMatch(/^2 dead letters were about to expire: archived;/);
    expect(await archived()).toHaveLength(2);
  });

  it('looks every hour, and leaves newer dead letters in the queue', async () => {
    let now = Date.now;
    start(false, () => now());
    await vi.advanceTimersByTimeAsync(3_600_000);
    now = soonExpired;
    await vi.advanceTimersByTimeAsync(3_599_999);
    expect(notices).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await firstNotice()).toMatch(/^2 dead letters/);
    expect(await archived()).toHaveLength(2);
    expect(notices).toHaveLength(1);
  });

  it('reports a failure and continues, but is quiet once it is stopped', async () => {
    deployment.deadLetterQueueUrl += '-gone';
    start(true, Date.now);
    expect(await firstNotice()).toMatch(/^the expiry guard failed and tries again in an hour: .*/);
    stop();
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    start(true, Date.now);
    stop();
    await listKeys(bench.s3, 'failures');
    expect(notices).toHaveLength(1);
  });
});
