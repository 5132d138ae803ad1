import { NoSuchKey } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { expect, it, vi } from 'vitest';
import { ZodError } from 'zod';
import type { OpsContext } from '../../src/ops/context.ts';
import { SYSTEM_TIME } from '../../src/ops/time.ts';
import { createReconciler } from '../../src/reconcile/reconciler.ts';
import { createRunner } from '../../src/redrive/runner.ts';
import { fakeS3 } from '../support/fake-s3.ts';

/** An empty pipeline that records the time limits of its operations. */
function pipeline() {
  const limits: number[] = [];
  const deployment = {
    uploadBuckets: ['uploads'],
    resultBucket: 'results',
    failureBucket: 'failures',
    renditions: ['web'],
    rules: [],
    ignore: [],
    whenDeleted: 'keep',
  };
  const time = {
    ...SYSTEM_TIME,
    limit(milliseconds: number) {
      limits.push(milliseconds);
      return new AbortController().signal;
    },
  };
  return { ops: { s3: fakeS3(1000).s3, deployment, time } as unknown as OpsContext, limits };
}

it.each([
  [900_000, 840_000],
  [60_001, 1],
  [60_000, 0],
  [30_000, 0],
])(
  'functions that continue in another invocation with %i ms left work for %i ms',
  async (left, milliseconds) => {
    const { ops, limits } = pipeline();
    const context = { getRemainingTimeInMillis: () => left };
    const nothing = () => Promise.resolve();
    const unknown = createRunner(ops, nothing)({ id: 'unknown', run: 0 }, context);
    await expect(unknown).rejects.toThrow(NoSuchKey);
    const metrics = new Metrics({ namespace: 'n', serviceName: 's' });
    vi.spyOn(metrics, 'publishStoredMetrics').mockReturnValue(metrics);
    const logger = new Logger({ serviceName: 's', logLevel: 'SILENT' });
    await createReconciler({ ops, metrics, logger, goOn: nothing, now: Date.now })({}, context);
    expect(limits).toEqual([milliseconds, milliseconds]);
    vi.restoreAllMocks();
  },
);

it.each([{}, { id: '', run: 0 }, { id: 'i', run: -1 }, { id: 'i', run: 0.5 }, { id: 'i' }])(
  'the redrive runner refuses %j',
  async (event) => {
    const { ops, limits } = pipeline();
    const run = createRunner(ops, () => Promise.resolve());
    await expect(run(event, { getRemainingTimeInMillis: () => 900_000 })).rejects.toThrow(ZodError);
    expect(limits).toEqual([]);
  },
);
