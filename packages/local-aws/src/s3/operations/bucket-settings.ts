import * as z from 'zod';
import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import type { CorsRule, QueueNotification } from '../bucket.ts';
import { readDocument } from '../http/document.ts';
import { bucketOf, xmlAnswer, type Operation } from '../operation.ts';

const texts = z.array(z.string()).default([]);

const versioningSchema = z.strictObject({
  Status: z.enum(['Enabled', 'Suspended']).optional(),
  MfaDelete: z.literal('Disabled').optional(),
});

export const putBucketVersioning: Operation = async (request, context) => {
  const { Status } = await readDocument(request, 'VersioningConfiguration', versioningSchema);
  if (Status === undefined)
    throw new AwsError(
      'IllegalVersioningConfigurationException',
      400,
      'The Versioning element must be specified',
    );
  context.model.changeSettings(bucketOf(request, context), { versioning: Status });
  await context.journal.flush();
  return { status: 200 };
};

export const getBucketVersioning: Operation = (request, context) => {
  const { versioning } = bucketOf(request, context).settings;
  return xmlAnswer('VersioningConfiguration', defined({ Status: versioning }));
};

const corsSchema = z.strictObject({
  CORSRule: z
    .array(
      z.strictObject({
        ID: z.string().optional(),
        AllowedOrigin: texts,
        AllowedMethod: z.array(z.enum(['GET', 'PUT', 'POST', 'DELETE', 'HEAD'])),
        AllowedHeader: texts,
        ExposeHeader: z.array(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/)).default([]),
        MaxAgeSeconds: z.coerce.number().int().optional(),
      }),
    )
    .min(1)
    .max(100),
});

export const putBucketCors: Operation = async (request, context) => {
  const { CORSRule } = await readDocument(request, 'CORSConfiguration', corsSchema);
  const cors = CORSRule.map((rule): CorsRule => ({
    allowedOrigins: rule.AllowedOrigin,
    allowedMethods: rule.AllowedMethod,
    allowedHeaders: rule.AllowedHeader,
    exposeHeaders: rule.ExposeHeader,
    ...defined({ maxAgeSeconds: rule.MaxAgeSeconds }),
  }));
  context.model.changeSettings(bucketOf(request, context), { cors });
  await context.journal.flush();
  return { status: 200 };
};

export const getBucketCors: Operation = (request, context) => {
  const { cors } = bucketOf(request, context).settings;
  if (cors.length === 0)
    throw new AwsError('NoSuchCORSConfiguration', 404, 'The CORS configuration does not exist');
  return xmlAnswer('CORSConfiguration', {
    CORSRule: cors.map((rule) => ({
      AllowedOrigin: rule.allowedOrigins,
      AllowedMethod: rule.allowedMethods,
      AllowedHeader: rule.allowedHeaders,
      ExposeHeader: rule.exposeHeaders,
      MaxAgeSeconds: rule.maxAgeSeconds,
    })),
  });
};

export const deleteBucketCors: Operation = async (request, context) => {
  context.model.changeSettings(bucketOf(request, context), { cors: [] });
  await context.journal.flush();
  return { status: 204 };
};

const filterSchema = z
  .object({
    S3Key: z
      .object({
        FilterRule: z
          .array(
            z.strictObject({
              Name: z
                .string()
                .toLowerCase()
                .pipe(z.enum(['prefix', 'suffix'])),
              Value: z.string().default(''),
            }),
          )
          .default([]),
      })
      .optional(),
  })
  .optional();
const OTHER_DESTINATIONS = ['TopicConfiguration', 'CloudFunctionConfiguration', 'EventBridgeConfiguration'];
const notificationSchema = z.strictObject({
  ...Object.fromEntries(OTHER_DESTINATIONS.map((name) => [name, z.unknown().optional()])),
  QueueConfiguration: z
    .array(
      z.strictObject({
        Id: z.string().optional(),
        Queue: z.string(),
        Event: z
          .array(
            z
              .string()
              .regex(
                /^s3:(ObjectCreated|ObjectRemoved|LifecycleExpiration):(\*|[A-Za-z]+)$/,
                'this local S3 sends only ObjectCreated, ObjectRemoved and LifecycleExpiration events',
              ),
          )
          .min(1),
        Filter: filterSchema,
      }),
    )
    .default([]),
});
export const putBucketNotification: Operation = async (request, context) => {
  const document = await readDocument(request, 'NotificationConfiguration', notificationSchema);
  const other = OTHER_DESTINATIONS.find((name) => name in document);
  if (other !== undefined)
    throw new AwsError(
      'NotImplemented',
      501,
      `This local S3 sends notifications to SQS only, not by ${other}.`,
    );
  const notifications = document.QueueConfiguration.map(
    ({ Id, Queue, Event, Filter }, index): QueueNotification => {
      const rules = Filter?.S3Key?.FilterRule ?? [];
      const value = (name: string) => rules.find((rule) => rule.Name === name)?.Value ?? '';
      return {
        id: Id ?? `notification-${index + 1}`,
        queueArn: Queue,
        events: Event,
        prefix: value('prefix'),
        suffix: value('suffix'),
      };
    },
  );
  context.model.changeSettings(bucketOf(request, context), { notifications });
  await context.journal.flush();
  return { status: 200 };
};

export const getBucketNotification: Operation = (request, context) => {
  const { notifications } = bucketOf(request, context).settings;
  return xmlAnswer('NotificationConfiguration', {
    QueueConfiguration: notifications.map(({ id, queueArn, events, prefix, suffix }) => {
      const FilterRule = Object.entries({ prefix, suffix }).flatMap(([Name, Value]) =>
        Value === '' ? [] : [{ Name, Value }],
      );
      return {
        Id: id,
        Queue: queueArn,
        Event: events,
        ...(FilterRule.length === 0 ? {} : { Filter: { S3Key: { FilterRule } } }),
      };
    }),
  });
};
