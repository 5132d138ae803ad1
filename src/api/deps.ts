import type { S3Client } from '@aws-sdk/client-s3';
import type { Deployment } from '../core/deployment.ts';
import type { PageAssets } from './pages/assets.ts';

export interface ApiDeps {
  /** Reads the three buckets, and signs: built with `S3_SETTINGS`. */
  s3: S3Client;
  /** Names of buckets and renditions, as the deployment has them. The first upload bucket takes the uploads. */
  deployment: Pick<Deployment, 'uploadBuckets' | 'resultBucket' | 'failureBucket' | 'renditions'>;
  /** The recipe's limit: S3 itself refuses what is larger. */
  maxUploadBytes: number;
  /** The files of the pages; asked for once, when somebody first wants one. */
  pages: () => Promise<PageAssets>;
  /** Told of what is answered with status 500. */
  onError: (error: unknown) => void;
}

/** Otherwise the SDK signs a checksum of the body it has when it signs a URL: none. */
export const S3_SETTINGS = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;
