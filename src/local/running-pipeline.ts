import type { LocalAws } from '@millrace/local-aws';
import type { EventQueue } from '@millrace/local-aws/lambda';
import type { Pipeline } from './pipeline-types.ts';

/** A pipeline with the AWS that it runs on, for programs of ours in its process. */
export interface RunningPipeline extends Pipeline {
  aws: LocalAws;
  /** The events of results and failure reports, if asked for. */
  completions?: EventQueue;
}
