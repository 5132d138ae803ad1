import { costOf, totalOf, type Cost } from '../../core/cost.ts';
import { conversionsAtOnce, MEGABYTES_PER_CORE } from '../../core/lambda-defaults.ts';
import { PRICES } from '../../core/prices.ts';
import type { Timing } from '../../core/timing.ts';
import { drained, type Drained } from './drain.ts';
import { pollerHours, rampOf, type EventSource, type Ramp } from './event-source.ts';

/** Two conversions side by side each take this much of the time that they would take alone: measured on two cores. */
const SIDE_BY_SIDE = 1.12;

export interface Workload {
  objects: number;
  /** Results of each object. */
  renditions: number;
  /** Seconds of one core for each object. */
  coreSeconds: number;
  /** Memory of the function. */
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

/** Answers when a number of uploads at the same time are converted, and what that costs. */
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

/** Returns how many times as fast as one core a function is. Memory buys cores, but a conversion uses only one. */
export function speedOf(megabytes: number): number {
  const cores = megabytes / MEGABYTES_PER_CORE;
  const conversions = conversionsAtOnce(megabytes);
  return conversions === 1 ? Math.min(1, cores) : Math.max(1, Math.min(cores, conversions) / SIDE_BY_SIDE);
}

/** Returns how many conversions of a batch begin in time; the other messages go back to the queue. */
function begunInTime(
  { batchSize, functionTimeoutSeconds, beginSeconds }: Workload['timing'],
  secondsEach: number,
): number {
  return Math.min(batchSize, 1 + Math.floor((functionTimeoutSeconds - beginSeconds) / secondsEach));
}
