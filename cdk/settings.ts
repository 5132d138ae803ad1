import * as z from 'zod';
import { LAMBDA_DEFAULTS } from '../src/core/lambda-defaults.ts';
import { OLD_VERSION_DAYS } from '../src/core/lifecycle.ts';
import { bucketName, newBucketName } from './bucket-name.ts';
import { VALID } from './checked-properties.ts';
import { WORKER_RANGES } from './worker-ranges.ts';

const DEFAULT_STACK = 'millrace';
const DEFAULT_BUCKETS = [{ create: 'millrace-uploads' }];
const within = ({ min, max }: { min: number; max: number }) => z.int().min(min).max(max);

/**
 * The settings of a deployment. Change the defaults here, or set single values on the command line:
 * `npx cdk deploy -c millrace:alarmEmail=ops@example.com -c millrace:uploadBuckets='[{"adopt":"scans"}]'`.
 */
const givenSettings = z.strictObject({
  /** Name of the stack, by which the command finds the deployment. */
  stackName: z.string().min(1).default(DEFAULT_STACK),
  /**
   * Upload buckets. `create` is the name of a new bucket, to which account and region are added; `adopt` names an
   * existing bucket. With several, result keys begin with the bucket's name. A stack named `millrace` creates
   * `millrace-uploads` by default; other stacks must set this.
   */
  uploadBuckets: z
    .array(z.union([z.strictObject({ create: newBucketName }), z.strictObject({ adopt: bucketName })]))
    .min(1)
    .refine(
      (buckets) => new Set(buckets.map((bucket) => JSON.stringify(bucket))).size === buckets.length,
      'names a bucket twice',
    )
    .optional(),
  /** Path of a recipe file. By default, the default recipe. */
  recipe: z.string().min(1).optional(),
  /** Path of a configuration file with your own conversions, in place of the recipe. */
  config: z.string().min(1).optional(),
  /** Path of a folder with a Dockerfile, which makes the worker a container image. */
  image: z.string().min(1).optional(),
  /** Change it to deploy the same recipe again, for example after a failed update that left the worker behind. */
  recipeRevision: VALID.recipeRevision.default(1),
  /** Megabytes. 1,769 provide one core. */
  workerMemory: within(WORKER_RANGES.workerMemory).default(LAMBDA_DEFAULTS.workerMegabytes),
  /** Megabytes of the worker's `/tmp`. Lambda's default is 512. */
  workerStorage: within(WORKER_RANGES.workerStorage).optional(),
  /** Maximum concurrent invocations for new uploads. */
  concurrency: within(WORKER_RANGES.concurrency).default(LAMBDA_DEFAULTS.concurrency),
  /** Maximum concurrent invocations for retries. */
  retryConcurrency: within(WORKER_RANGES.retryConcurrency).default(10),
  /** Days for which older versions of an upload are kept. */
  oldVersionDays: VALID.oldVersionDays.default(OLD_VERSION_DAYS),
  /** Days for which logs are kept, from CloudWatch Logs' list. */
  logDays: VALID.logDays.default(30),
  /** Hours between two reconciliations of uploads with their results; `off` disables them. */
  reconcile: VALID.reconcile.default(24),
  /**
   * Destination of the events for results and failure reports: `eventBridge`, or the ARN of an SNS topic or SQS
   * queue.
   */
  completions: z
    .string()
    .regex(
      /^(eventBridge|arn:[\w-]+:(sns|sqs):[\w-]+:\d{12}:[\w-]+)$/,
      'expected eventBridge, or the ARN of an SNS topic or SQS queue, which cannot be FIFO',
    )
    .optional(),
  /** Who may call the API: IAM principals, or holders of a token from this issuer. Operations also need the scope. */
  authorization: VALID.authorization.default({ kind: 'iam' }),
  /** Routes that anyone may call, by name: `GET /openapi.json`. Operations cannot be open. */
  openRoutes: VALID.openRoutes.default([]),
  /** Exact origins of web pages that call the API and upload: `https://photos.example.com`. */
  browserOrigins: VALID.browserOrigins.default([]),
  /** Email address for alarms. By default, alarms send no email. */
  alarmEmail: VALID.alarmEmail.optional(),
  /** URL of the documents, or a folder in the checkout. Alarms link to the runbook there. */
  docs: z.string().min(1).default('docs'),
});

export const settingsSchema = givenSettings.transform(({ uploadBuckets, ...settings }, context) => {
  if (uploadBuckets !== undefined) return { ...settings, uploadBuckets };
  if (settings.stackName === DEFAULT_STACK) return { ...settings, uploadBuckets: DEFAULT_BUCKETS };
  context.addIssue({
    code: 'custom',
    path: ['uploadBuckets'],
    message: `is missing: a stack of another name than ${DEFAULT_STACK} names its own. Earlier versions used ${JSON.stringify(DEFAULT_BUCKETS)}`,
  });
  return z.NEVER;
});

export type DeploymentSettings = z.output<typeof settingsSchema>;

/**
 * Reads the settings from the context `millrace:…`.
 * @throws Error with one line for each setting that is unknown or wrong
 */
export function readSettings(context: Readonly<Record<string, unknown>>): DeploymentSettings {
  const prefix = 'millrace:';
  const given = Object.entries(context)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), fromCommandLine(value)]);
  const parsed = settingsSchema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `  ${z.core.toDotPath(path)} ${message}`);
  throw new Error(`The settings of the deployment are not usable:\n${lines.join('\n')}`);
}

/** Parses a value from the command line: numbers and lists are JSON, names are plain text. */
function fromCommandLine(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
