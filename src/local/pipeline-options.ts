import type { Machine } from '@millrace/local-aws/models';
import type { PublicOptions } from './pipeline-types.ts';

/** The options that are not published: of the command, and of tests. */
export interface PipelineOptions extends PublicOptions {
  /** Reads all contents of the data folder before it starts, and refuses it if one differs from what was stored. */
  verify?: boolean;
  /** Whether what is acknowledged survives a power cut; slower. */
  fsync?: boolean;
  /** The machine's time; another one in tests. */
  machine?: Machine;
  /** The worker's module; another one in tests, with a conversion that crashes, say. */
  workerModule?: string;
}
