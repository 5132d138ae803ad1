import type { LocalAws } from '@millrace/local-aws';
import type { EventQueue } from '@millrace/local-aws/lambda';
import type { Pipeline } from './pipeline-types.ts';

/** The part of a pipeline that converts, for programs of ours in its process. */
export interface RunningConverter extends Omit<Pipeline, 'url'> {
  aws: LocalAws;
  /** The events of results and failure reports, if asked for. */
  completions?: EventQueue;
}

/** A pipeline with the AWS that it runs on, for programs of ours in its process. */
export interface RunningPipeline extends RunningConverter, Pipeline {}
