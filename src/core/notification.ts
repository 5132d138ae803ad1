import type * as z from 'zod';
// With `z.core`, the bundle would include all of zod, with its 50 locales.
import { toDotPath } from 'zod/v4/core';
import { defined } from './defined.ts';
import { Rejected } from './errors.ts';
import {
  dirtySchema,
  eventBridgeSchema,
  otherEventSchema,
  s3Schema,
  snsSchema,
  testSchema,
} from './notification-shapes.ts';
import type { ObjectRef } from './object-ref.ts';
import { versionIdOf } from './source.ts';

/** The contents of a message in the conversion or retry queue. */
export type Notification =
  | { kind: 'objects'; objects: [ObjectRef, ...ObjectRef[]] }
  /** S3 sends one when notifications are configured; it names no object. */
  | { kind: 'test' }
  /** Events that do not change a key's object, such as new tags or a restored archive. */
  | { kind: 'other'; event: string };

/** Returns the body of a message that says that one object may be dirty. */
export function dirtyMessage(object: ObjectRef): string {
  const message = JSON.stringify({ type: 'millrace.dirty', version: 1, ...object } satisfies z.input<
    typeof dirtySchema
  >);
  // SQS accepts only XML characters. JSON escapes the others.
  return message.replaceAll(/[\ufffe\uffff]/gu, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

/**
 * Reads the body of a message, whichever way it came: from S3, through SNS or EventBridge, or from this project.
 * @throws Rejected `notification.malformed`, naming the first thing that is wrong
 */
export function parseNotification(body: string): Notification {
  const value = parseJson(body);
  const wrapped = snsSchema.safeParse(value);
  return readEnvelope(wrapped.success ? parseJson(wrapped.data.Message) : value);
}

function readEnvelope(value: unknown): Notification {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('not a JSON object');
  if ('Records' in value) return readS3(check(s3Schema, value, 'S3 event'));
  if ('detail-type' in value) return readEventBridge(value);
  if ('Event' in value) {
    check(testSchema, value, 'S3 test event');
    return { kind: 'test' };
  }
  if ('type' in value) {
    const { type: _type, version: _version, ...object } = check(dirtySchema, value, 'message');
    return { kind: 'objects', objects: [objectRef(object)] };
  }
  throw malformed('neither an S3 event, nor one through SNS or EventBridge, nor a message of this pipeline');
}

function readS3({ Records }: z.infer<typeof s3Schema>): Notification {
  const changed = Records.filter(({ eventName }) => isCreation(eventName) || isDeletion(eventName));
  const [first, ...rest] = changed.map(({ eventName, s3: { bucket, object } }) =>
    dirtyObject({ ...object, bucket: bucket.name }, isDeletion(eventName)),
  );
  if (first === undefined) {
    const events = new Set(Records.map(({ eventName }) => eventName));
    return { kind: 'other', event: [...events].join(', ') };
  }
  return { kind: 'objects', objects: [first, ...rest] };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
function isCreation(eventName: string): boolean {
  return eventName.startsWith('ObjectCreated:');
}

function isDeletion(eventName: string): boolean {
  return /^(ObjectRemoved|LifecycleExpiration):/.test(eventName);
}

function readEventBridge(value: object): Notification {
  const other = otherEventSchema.safeParse(value);
  if (other.success) return { kind: 'other', event: other.data['detail-type'] };
  const { detail, 'detail-type': type } = check(eventBridgeSchema, value, 'EventBridge event');
  const { key, sequencer, 'version-id': versionId } = detail.object;
  const object = { bucket: detail.bucket.name, key, versionId, sequencer };
  return { kind: 'objects', objects: [dirtyObject(object, type === 'Object Deleted')] };
}

/**
 * After a deletion, a key has no object or an older one: when the deleted version was the latest, or a delete marker.
 * The ids of a deletion are of what was deleted. By them, it would pass for a duplicate of that upload's message.
 */
function dirtyObject(object: NamedObject, isDeleted: boolean): ObjectRef {
  return isDeleted ? { bucket: object.bucket, key: object.key } : objectRef(object);
}

interface NamedObject {
  bucket: string;
  key: string;
  versionId?: string | null | undefined;
  sequencer?: string | null | undefined;
}

function objectRef({ bucket, key, versionId, sequencer }: NamedObject): ObjectRef {
  return defined({ bucket, key, versionId: versionIdOf(versionId), sequencer: sequencer || undefined });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed('not JSON', cause);
  }
}

function check<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw malformed(`${what}: ${toDotPath(issue?.path ?? [])}: ${issue?.message ?? 'invalid'}`, parsed.error);
}

function malformed(detail: string, cause?: unknown): Rejected {
  return new Rejected('notification.malformed', `not a notification this pipeline knows: ${detail}`, {
    cause,
  });
}
