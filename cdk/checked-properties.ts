import { Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { newBucketName } from './bucket-name.ts';

/** The scope that a token needs for operations, unless another one is set. */
export const OPERATIONS_SCOPE = 'millrace/operations';

const authorization = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('iam') }),
  z.strictObject({
    kind: z.literal('jwt'),
    issuer: z.url(),
    audience: z.array(z.string().min(1)).min(1),
    operationsScope: z.string().min(1).default(OPERATIONS_SCOPE),
  }),
]);

/**
 * The valid values of properties that are also settings. Other values would fail only at deployment, or would open a
 * route.
 */
export const VALID = {
  recipeRevision: z.int().min(1),
  oldVersionDays: z.int().min(1),
  logDays: z
    .int()
    .refine(
      (days) => days in RetentionDays,
      'is not a retention period that CloudWatch Logs supports, such as 7, 30 or 365',
    ),
  reconcile: z.union([z.literal('off'), z.int().min(1).max(24)]),
  authorization,
  openRoutes: z.array(
    z
      .string()
      .regex(
        /^(ANY|GET|HEAD|POST|PUT|PATCH|DELETE) \/([^\s{}]*|[^\s{}]*\{\w+\+?\})$/,
        'expected a method and a path: GET /openapi.json',
      )
      .refine((route) => !/ \/ops(\/|$)/.test(route), 'operations routes cannot be open'),
  ),
  browserOrigins: z.array(
    z.string().regex(/^https?:\/\/[^/*\s]+$/, 'expected an exact origin, without a path or *'),
  ),
  alarmEmail: z.email(),
} as const;

/** Names that S3 has ever allowed: buckets made before 2018 may have capitals, underscores and more characters. */
const EXISTING_NAME = /^[\w.-]{3,255}$/;

/** Adopted buckets may also be constructs. */
const uploadBuckets = z
  .array(
    z.looseObject({
      create: newBucketName.optional(),
      adopt: z
        .unknown()
        .refine(
          (adopt) => typeof adopt !== 'string' || Token.isUnresolved(adopt) || EXISTING_NAME.test(adopt),
          'is not a valid bucket name',
        )
        .optional(),
    }),
  )
  .min(1, 'expected at least one bucket');

/**
 * Checks the properties of a construct, except for values that are only known in the deployment.
 * @throws Error with a line for each wrong value
 */
export function checkProperties(properties: object): void {
  const lines = Object.entries(properties).flatMap(([name, value]: [string, unknown]) => {
    const schema = name === 'uploadBuckets' ? uploadBuckets : (VALID as Record<string, z.ZodType>)[name];
    const { error } = value === undefined ? {} : (schema?.safeParse(value) ?? {});
    return (error?.issues ?? [])
      .filter(({ path }) => !Token.isUnresolved(valueAt(value, path)))
      .map(({ path, message }) => `${z.core.toDotPath([name, ...path])}: ${message}`);
  });
  if (lines.length > 0) throw new Error(lines.join('\n'));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((part, name) => (part as Record<PropertyKey, unknown> | undefined)?.[name], value);
}
