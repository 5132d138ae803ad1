import { costOf, totalOf, type Cost } from '../../core/cost.ts';
import { conversionsAtOnce, MEGABYTES_PER_CORE } from '../../core/lambda-defaults.ts';
import { PRICES } from '../../core/prices.ts';
import type { Timing } from '../../core/timing.ts';
import { drained, type Drained } from './drain.ts';
import { pollerHours, rampOf, type EventSource, type Ramp } from './event-source.ts';

/** The factor by which a conversion is slower when two run concurrently, measured on two cores. */
const SIDE_BY_SIDE = 1.12;

export interface Workload {
  objects: number;
  /** Results per object. */
  renditions: number;
  /** Seconds of one core per object. */
  coreSeconds: number;
  /** The function's memory. */
  megabytes: number;
  timing: Pick<Timing, 'batchSize' | 'functionTimeoutSeconds' | 'beginSeconds'>;
  scaling: EventSource['scaling'];
  accountConcurrency: number;
}

export interface Estimate {
  drained: Drained;
  ramp: Ramp;
  /** Objects that an invocation converts. */
  batchSize: number;
  /** Seconds that an invocation spends on each object. */
  secondsEach: number;
  /** Highest rate. */
  objectsPerSecond: number;
  cost: Cost & { eventPollers: number };
  dollars: number;
}

/** Estimates how long it takes to convert uploads that arrive at once, and what that costs. */
export function estimateOf(workload: Workload): Estimate {
  const { objects, renditions, megabytes, scaling } = workload;
  const secondsEach = workload.coreSeconds / speedOf(megabytes);
  const batchSize = begunInTime(workload.timing, secondsEach);
  const batchSeconds = batchSize * secondsEach;
  const ramp = rampOf({ ...workload, batchSize: workload.timing.batchSize, batchSeconds });
  const result = drained({ objects, batchSize, secondsEach }, ramp);
  const cost = {
    ...costOf({ objects, renditions, seconds: secondsEach, batchSize, megabytes, architecture: 'arm64' }),
    eventPollers:
      'pollers' in scaling
        ? pollerHours(scaling.pollers, ramp, batchSeconds, result.seconds) * PRICES.eventPollerHour
        : 0,
  };
  return {
    drained: result,
    ramp,
    batchSize,
    secondsEach,
    objectsPerSecond: result.concurrency / secondsEach,
    cost,
    dollars: totalOf(cost),
  };
}

/** Returns a function's speed relative to one core. More memory means more cores, but a conversion uses only one. */
export function speedOf(megabytes: number): number {
  const cores = megabytes / MEGABYTES_PER_CORE;
  const conversions = conversionsAtOnce(megabytes);
  return conversions === 1 ? Math.min(1, cores) : Math.max(1, Math.min(cores, conversions) / SIDE_BY_SIDE);
}

/** Returns how many conversions of a batch begin in time. The other messages go back to the queue. */
function begunInTime(
  { batchSize, functionTimeoutSeconds, beginSeconds }: Workload['timing'],
  secondsEach: number,
): number {
  return Math.min(batchSize, 1 + Math.floor((functionTimeoutSeconds - beginSeconds) / secondsEach));
}
