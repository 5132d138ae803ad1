import type { Machine } from '@millrace/local-aws/models';
import type { PublicOptions } from './pipeline-types.ts';

/** The options that are not published: of the command, and of tests. */
export interface PipelineOptions extends PublicOptions {
  /** Reads all contents of the data folder before it starts, and refuses it if one differs from what was stored. */
  verify?: boolean;
  /** Whether acknowledged writes survive a power cut. Slower. */
  fsync?: boolean;
  /** The clock. Tests pass their own. */
  machine?: Machine;
  /** The worker's module. Tests pass their own, for example with a conversion that crashes. */
  workerModule?: string;
}
