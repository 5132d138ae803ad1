import type { Journal } from '../journal.ts';
import type { BlobStore } from './blobs.ts';
import type { Bucket } from './bucket.ts';
import type { WriteConditions } from './conditions.ts';
import type { S3Model } from './model.ts';
import type { NewObject } from './model/writes.ts';
import type { Version } from './version.ts';

/** The stores of objects: the model, their contents and the journal. */
export interface Stores {
  model: S3Model;
  blobs: BlobStore;
  journal: Journal;
}

/** The destination of an object, and the conditions of the write. */
export interface Target {
  bucket: Bucket;
  key: string;
  conditions: WriteConditions;
}

/** Creates an object's content, and commits it under its conditions. Abandons the write if it is refused. */
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
