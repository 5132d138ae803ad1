import type { LocalAws } from '@millrace/local-aws';
import type { EventQueue } from '@millrace/local-aws/lambda';
import type { Pipeline } from './pipeline-types.ts';

/** The part of a pipeline that converts, for our own code in the same process. */
export interface RunningConverter extends Omit<Pipeline, 'url'> {
  aws: LocalAws;
  /** Sends a message to the worker, without a request. */
  queue(body: string): void;
  /** The events of results and failure reports, if `completions` is set. */
  completions?: EventQueue;
}

/** A pipeline with its local AWS, for our own code in the same process. */
export interface RunningPipeline extends RunningConverter, Pipeline {}
