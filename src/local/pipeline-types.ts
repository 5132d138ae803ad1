import type { Recipe } from '../core/recipe.ts';
import type { BUCKETS } from './resources.ts';

/** The public options of a pipeline. */
export interface PublicOptions {
  /** Port of the pages and the API; 0 picks a free one. */
  port: number;
  /** Port of S3, SQS and DynamoDB; 0 picks a free one. */
  awsPort: number;
  /** By default, the configuration file's recipe, otherwise the default recipe. */
  recipe: Recipe;
  /** Path of a configuration file. Each worker loads its conversions. */
  configFile?: string;
  /** Folder that keeps everything. By default, a temporary folder that is removed with the pipeline. */
  data?: string;
  /** Moves damaged files in the data folder aside instead of refusing the folder. */
  repair?: boolean;
  /** Makes S3 and SQS duplicate, reorder, delay and refuse. */
  faults?: number;
  /** Sends an event for each stored result and failure report to a queue (docs/events.md). */
  completions?: boolean;
  /** Worker processes. By default, one per core. */
  concurrency?: number;
  /** Called with notices for the operator, such as a worker crash. */
  onNotice(text: string): void;
}

export interface Pipeline {
  url: string;
  awsUrl: string;
  buckets: typeof BUCKETS;
  queues: {
    conversion: string;
    retry: string;
    deadLetter: string;
    /** Receives the events of results and failure reports, if `completions` is set. */
    completions?: string;
  };
  logFolder: string;
  /** Rejects when the pipeline cannot continue; never resolves. */
  failed: Promise<never>;
  /** Accepts no more work, finishes work in flight, and removes the temporary folder. */
  stop(): Promise<void>;
  /** Abandons work in flight, as a crash of the machine would, and removes the temporary folder. */
  kill(): Promise<void>;
}
