import { DYNAMO_WRITES } from '../../core/cost.ts';
import { LAMBDA_RANGES } from '../../core/lambda-defaults.ts';
import { SETTINGS } from '../../core/settings.ts';
import { count, duration } from '../format.ts';
import { estimateOf, type Estimate, type Workload } from './estimate-of.ts';

/** Per prefix. https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html */
const S3_WRITES_PER_SECOND = 3500;
/** For a new table. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html */
const DYNAMO_WRITES_PER_SECOND = 4000;

/** Returns advice on planning the upload. */
export function hintsOf(workload: Workload, estimate: Estimate): string[] {
  return [
    fasterWith(workload, estimate),
    tooLong(estimate),
    tooManyWrites(workload, estimate),
    tooManyRecords(estimate),
    'This is an estimate: docs/deploy.md says what it assumes and what it leaves out.',
  ].filter((text) => text !== undefined);
}

function fasterWith(workload: Workload, { drained, ramp }: Estimate): string | undefined {
  if (ramp.limitedBy !== 'maximum-concurrency') return undefined;
  const concurrency = Math.min(LAMBDA_RANGES.concurrency.max, workload.accountConcurrency);
  const { seconds } = estimateOf({ ...workload, scaling: { concurrency } }).drained;
  return seconds < drained.seconds
    ? `With --concurrency ${concurrency} it takes ${duration(seconds)}, for the same price.`
    : undefined;
}

function tooLong({ drained }: Estimate): string | undefined {
  return drained.seconds > SETTINGS.queueRetentionSeconds
    ? `The queue deletes messages after ${duration(SETTINGS.queueRetentionSeconds)}: upload in parts, or raise the concurrency.`
    : undefined;
}

function tooManyWrites({ renditions }: Workload, { objectsPerSecond }: Estimate): string | undefined {
  const writes = objectsPerSecond * renditions;
  return writes > S3_WRITES_PER_SECOND
    ? `S3 allows ${count(S3_WRITES_PER_SECOND)} writes per second and prefix, and this upload makes up to ${count(Math.round(writes))}: spread the keys over several prefixes to avoid throttling.`
    : undefined;
}

function tooManyRecords({ objectsPerSecond }: Estimate): string | undefined {
  return objectsPerSecond * DYNAMO_WRITES > DYNAMO_WRITES_PER_SECOND
    ? `A new DynamoDB table allows ${count(DYNAMO_WRITES_PER_SECOND)} writes per second, ${DYNAMO_WRITES} for each object. Above that, duplicates are converted again: the results are still right.`
    : undefined;
}
