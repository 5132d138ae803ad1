import type { Machine } from '@millrace/local-aws/models';
import type { FileEvent } from './files/events.ts';
import type { Files } from './files/files.ts';
import type { PublicOptions } from './pipeline-types.ts';

/** All options, including those for the command and for tests, which are not published. */
export interface PipelineOptions extends PublicOptions {
  /**
   * Reads all contents of the data folder before it starts, and refuses the folder if any differs from what was
   * stored.
   */
  verify?: boolean;
  /** Whether acknowledged writes survive a power cut. Slower. */
  fsync?: boolean;
  /** The clock. Tests pass their own. */
  machine?: Machine;
  /** The worker's module. Tests pass their own, for example with a conversion that crashes. */
  workerModule?: string;
}

/** The options of the part that converts. */
export interface ConverterOptions extends Omit<PipelineOptions, 'port'> {
  /** Whether there is a table for idempotency (default). Without it, a duplicate may be converted again. */
  idempotency?: boolean;
  /** Called with each line that the worker writes to its standard output. */
  onWorkerLine?(line: string): void;
  /** Sources and results of files instead of S3's. */
  files?: Files & { onEvent(event: FileEvent): void };
}
