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
  /** `s3:ObjectCreated:*` and their like. */
  events: string[];
  prefix: string;
  suffix: string;
}

/** The part of a bucket that a client sets. */
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
  /** The versions of each key, the newest last. No key is without versions. */
  readonly versions: Map<string, Version[]>;
  readonly keys: KeyIndex;
}

export function createBucket(name: string, createdAt: number, settings: BucketSettings): Bucket {
  const versions = new Map<string, Version[]>();
  return { name, createdAt, settings, versions, keys: createKeyIndex((key) => versions.has(key)) };
}

/** The version that a request without a version id means; a delete marker is one too. */
export function newest(bucket: Bucket, key: string): Version | undefined {
  return bucket.versions.get(key)?.at(-1);
}
