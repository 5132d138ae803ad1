import type { Deployment } from '../core/deployment.ts';

export interface Reconciled {
  bucket: string;
  key: string;
  state: 'converted' | 'failed' | 'pending';
  uploadedAt: Date;
  bytes: number;
}

export type ReconcileScope = Pick<
  Deployment,
  'uploadBuckets' | 'resultBucket' | 'failureBucket' | 'renditions'
>;

/** Bytes of the results, in the order of the scope's renditions; only where the state is `converted`. */
export type ReconciledResults = Reconciled & { resultBytes: number[] };
