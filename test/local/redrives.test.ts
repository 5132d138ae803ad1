import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import type { LocalDeployment } from '../../src/core/deployment.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import { createRedrives, type LocalRedrives } from '../../src/local/redrives.ts';
import { startJob } from '../../src/ops/redrive/job.ts';
import { findRecord } from '../../src/ops/redrive/record.ts';
import { eventually } from '../support/eventually.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { countMessages } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let deployment: LocalDeployment;
let redrives: LocalRedrives;
let errors: unknown[];
beforeEach(async () => {
  bench = await startBench();
  deployment = localDeployment(bench.aws.url, bench.resources, DEFAULT_RECIPE);
  errors = [];
  redrives = createRedrives(deployment, (error) => void errors.push(error));
});
afterEach(async () => {
  await redrives.stop();
  await bench.stop();
});

/** Orders a redrive as the API does. Returns its id. */
async function order(): Promise<string> {
  const about = { who: 'me', why: 'fixed', what: 'all dead letters' };
  const { id } = await startJob(opsOf(bench), { filter: {}, stopIfFailing: 1 }, about, async (job) =>
    redrives.start(job),
  );
  return id;
}
const stateOf = async (id: string) => (await findRecord(opsOf(bench), id))?.state;

describe('a redrive of the local pipeline', () => {
  it('runs in the background until it is done', async () => {
    const id = await order();
    await eventually('it is done', async () => (await stateOf(id)) === 'done');
    expect(errors).toEqual([]);
  });

  it('is interrupted when the pipeline stops, which waits for its record', async () => {
    await sendAll(opsOf(bench), deployment.deadLetterQueueUrl, [letterOf('a.jpg', 'process.died')]);
    const id = await order();
    const left = () => countMessages(bench.sqs, deployment.deadLetterQueueUrl);
    await eventually('the dead letter is moved', async () => (await left()) === 0);
    expect(await stateOf(id)).toBe('running');
    await redrives.stop();
    expect(await stateOf(id)).toBe('interrupted');
    expect(errors).toEqual([]);
  });

  it('that fails is reported', async () => {
    deployment.failureBucket = 'gone';
    redrives.start({ id: 'none', run: 0 });
    await eventually('it has failed', async () => errors.length > 0);
    expect(errors).toEqual([expect.objectContaining({ name: 'NoSuchBucket' })]);
  });
});
