import * as z from 'zod';
// Through `z.core` the bundle would get all of zod, its 50 languages included.
import { toDotPath } from 'zod/v4/core';
import { defined } from './defined.ts';
import { Rejected } from './errors.ts';
import { isTooLong } from './keys.ts';
import type { ObjectRef } from './object-ref.ts';
import { versionIdOf } from './source.ts';

/** What a message on the conversion or retry queue says. */
export type Notification =
  | { kind: 'objects'; objects: [ObjectRef, ...ObjectRef[]] }
  /** S3 sends one when notifications are configured; it names no object. */
  | { kind: 'test' }
  /** An event that makes no content to convert: a deletion, new tags. */
  | { kind: 'other'; event: string };

const keySchema = z
  .string()
  .min(1)
  .refine((key) => key.isWellFormed(), 'the key is not UTF-8')
  .refine((key) => !isTooLong(key), 'the key has more than 1,024 bytes');
/** Names from before 2018 may have 255 characters. */
const bucketSchema = z.string().regex(/^[\w.-]{1,255}$/, 'not the name of a bucket');
const idSchema = z.string().max(1024);

/** Keys are form-encoded here. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
const s3Schema = z.looseObject({
  Records: z
    .array(
      z.looseObject({
        eventSource: z.literal('aws:s3'),
        // Only the major number may be relied on: AWS adds fields with each minor one.
        eventVersion: z.string().regex(/^2\./, 'only major version 2 of the event structure is known'),
        s3: z.looseObject({
          bucket: z.looseObject({ name: bucketSchema }),
          object: z.looseObject({
            key: z.string().transform(decodeFormKey).pipe(keySchema),
            versionId: idSchema.nullish(),
            sequencer: idSchema.nullish(),
          }),
        }),
      }),
    )
    .min(1),
});

/** Keys are not encoded here. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const eventBridgeSchema = z.looseObject({
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  detail: z.looseObject({
    bucket: z.looseObject({ name: bucketSchema }),
    object: z.looseObject({
      key: keySchema,
      'version-id': idSchema.nullish(),
      sequencer: idSchema.nullish(),
    }),
  }),
});

/**
 * What S3 tells EventBridge of objects beside their creation. A rule may let it through; events that are not S3's own,
 * such as CloudTrail's, show that the rule is wrong.
 */
const otherEventSchema = z.looseObject({
  source: z.literal('aws.s3'),
  'detail-type': z.string().regex(/^Object (?!Created$)/),
});

const testSchema = z.looseObject({ Service: z.literal('Amazon S3'), Event: z.literal('s3:TestEvent') });

/** SNS wraps the notification in a string, unless the subscription asks for raw delivery. */
const snsSchema = z.looseObject({ Type: z.literal('Notification'), Message: z.string() });

/** The project's own message: one object, sent by the retry path and by backfill. */
const dirtySchema = z.strictObject({
  type: z.literal('millrace.dirty'),
  version: z.literal(1),
  bucket: bucketSchema,
  key: keySchema,
  versionId: idSchema.optional(),
  sequencer: idSchema.optional(),
});

/** The body of a message that says: this one object may be dirty. */
export function dirtyMessage(object: ObjectRef): string {
  const message = JSON.stringify({ type: 'millrace.dirty', version: 1, ...object } satisfies z.input<
    typeof dirtySchema
  >);
  // SQS accepts XML characters only. JSON escapes the others by itself.
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

function readS3(event: z.infer<typeof s3Schema>): Notification {
  const [first, ...rest] = event.Records.map(({ s3 }) => objectRef({ ...s3.object, bucket: s3.bucket.name }));
  if (first === undefined) throw malformed('no records');
  return { kind: 'objects', objects: [first, ...rest] };
}

function readEventBridge(value: object): Notification {
  const other = otherEventSchema.safeParse(value);
  if (other.success) return { kind: 'other', event: other.data['detail-type'] };
  const { detail } = check(eventBridgeSchema, value, 'EventBridge event');
  const { key, sequencer, 'version-id': versionId } = detail.object;
  return { kind: 'objects', objects: [objectRef({ bucket: detail.bucket.name, key, versionId, sequencer })] };
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

function decodeFormKey(encoded: string, context: z.RefinementCtx): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    context.addIssue({ code: 'custom', message: 'the key is not form-encoded UTF-8' });
    return z.NEVER;
  }
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
