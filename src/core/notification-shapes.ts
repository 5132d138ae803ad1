/** The shapes of the messages on the conversion and retry queue. */
import * as z from 'zod';
import { isTooLong } from './keys.ts';

const keySchema = z
  .string()
  .min(1)
  .refine((key) => key.isWellFormed(), 'the key is not UTF-8')
  .refine((key) => !isTooLong(key), 'the key has more than 1,024 bytes');
/** Names from before 2018 may have 255 characters. */
const bucketSchema = z.string().regex(/^[\w.-]{1,255}$/, 'not the name of a bucket');
const idSchema = z.string().max(1024);

/**
 * Keys are form-encoded here. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const s3Schema = z.looseObject({
  Records: z
    .array(
      z.looseObject({
        eventSource: z.literal('aws:s3'),
        // Only the major version matters: AWS adds fields in minor versions.
        eventVersion: z.string().regex(/^2\./, 'only major version 2 of the event structure is known'),
        // Some stores also write the configuration's `s3:` prefix here.
        eventName: z
          .string()
          .regex(/^(s3:)?[A-Z]\w{1,63}(:\w{1,63})?$/, 'not the name of an event')
          .transform((name) => name.replace(/^s3:/, ''))
          .default('ObjectCreated:Put'),
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
export const eventBridgeSchema = z.looseObject({
  source: z.literal('aws.s3'),
  'detail-type': z.enum(['Object Created', 'Object Deleted']),
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
 * What else S3 sends to EventBridge about objects. A rule may let it through; events that are not S3's own, such as
 * CloudTrail's, show that the rule is wrong.
 */
export const otherEventSchema = z.looseObject({
  source: z.literal('aws.s3'),
  'detail-type': z.string().regex(/^Object (?!(Created|Deleted)$)/),
});

export const testSchema = z.looseObject({
  Service: z.literal('Amazon S3'),
  Event: z.literal('s3:TestEvent'),
});

/** SNS wraps the notification in a string, unless the subscription asks for raw delivery. */
export const snsSchema = z.looseObject({ Type: z.literal('Notification'), Message: z.string() });

/** The project's own message: one object, sent by the retry path and by backfill. */
export const dirtySchema = z.strictObject({
  type: z.literal('millrace.dirty'),
  version: z.literal(1),
  bucket: bucketSchema,
  key: keySchema,
  versionId: idSchema.optional(),
  sequencer: idSchema.optional(),
});

function decodeFormKey(encoded: string, context: z.RefinementCtx): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    context.addIssue({ code: 'custom', message: 'the key is not form-encoded UTF-8' });
    return z.NEVER;
  }
}
