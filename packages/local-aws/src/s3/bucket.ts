import type { StoredRule } from './lifecycle.ts';
import { createKeyIndex, type KeyIndex } from './key-index.ts';
import type { Version } from './version.ts';

export interface CorsRule {
  allowedOrigins: string[];
  allowedMethods: string[];
  allowedHeaders: string[];
  exposeHeaders: string[];
  maxAgeSeconds?: number;
}

export interface QueueNotification {
  id: string;
  queueArn: string;
  /** Such as `s3:ObjectCreated:*`. */
  events: string[];
  prefix: string;
  suffix: string;
}

/** The settings of a bucket. */
export interface BucketSettings {
  versioning?: 'Enabled' | 'Suspended';
  cors: CorsRule[];
  notifications: QueueNotification[];
  /** Buckets of earlier versions have none. */
  lifecycle?: StoredRule[];
}

export interface Bucket {
  readonly name: string;
  readonly createdAt: number;
  settings: BucketSettings;
  /** The versions of each key, newest last. Each key has at least one version. */
  readonly versions: Map<string, Version[]>;
  readonly keys: KeyIndex;
}

export function createBucket(name: string, createdAt: number, settings: BucketSettings): Bucket {
  const versions = new Map<string, Version[]>();
  return { name, createdAt, settings, versions, keys: createKeyIndex((key) => versions.has(key)) };
}

/** Returns the newest version, which may be a delete marker. */
export function newest(bucket: Bucket, key: string): Version | undefined {
  return bucket.versions.get(key)?.at(-1);
}
