import type { Journal } from '../journal.ts';
import type { BlobStore } from './blobs.ts';
import type { Bucket } from './bucket.ts';
import type { WriteConditions } from './conditions.ts';
import type { S3Model } from './model.ts';
import type { NewObject } from './model/writes.ts';
import type { Version } from './version.ts';

/** Where objects are: what is known about them, their contents, and what the disk knows. */
export interface Stores {
  model: S3Model;
  blobs: BlobStore;
  journal: Journal;
}

/** Where an object is written, and under which conditions. */
export interface Target {
  bucket: Bucket;
  key: string;
  conditions: WriteConditions;
}

/** Makes the content of an object, commits it under its conditions, and forgets it if it was refused. */
export async function writeObject(
  { model, blobs, journal }: Stores,
  { bucket, key, conditions }: Target,
  receive: () => Promise<NewObject>,
): Promise<Version> {
  const write = model.begin(bucket, key);
  let object: NewObject;
  try {
    object = await receive();
  } catch (error) {
    model.abandon(write);
    throw error;
  }
  let version: Version;
  try {
    version = model.commit(write, object, conditions);
  } catch (error) {
    await blobs.remove(object.segments);
    throw error;
  }
  await journal.flush();
  return version;
}
