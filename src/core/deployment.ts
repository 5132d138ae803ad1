import * as z from 'zod';
import { parseJson } from './parse-json.ts';
import { WHEN_DELETED } from './recipe.ts';
import { extensionsSchema } from './result-name.ts';

/**
 * What one must know of a pipeline to operate it: `millrace start` answers it at `GET /deployment`, and a stack has
 * it in its outputs, under the names of `OUTPUTS`.
 */
export const deploymentSchema = z.object({
  uploadBuckets: z.array(z.string().min(1)).min(1),
  resultBucket: z.string().min(1),
  failureBucket: z.string().min(1),
  conversionQueueUrl: z.string().min(1),
  retryQueueUrl: z.string().min(1),
  deadLetterQueueUrl: z.string().min(1),
  /** Names of the recipe's renditions. With the buckets' names, they determine the result keys. */
  renditions: z.array(z.string().min(1)).min(1),
  /** Their extensions, if result keys end with them. */
  extensions: extensionsSchema.optional(),
  /** The renditions of other uploads, by key patterns; the first match decides. */
  rules: z
    .array(
      z.object({
        keys: z.array(z.string()).optional(),
        renditions: z.array(z.string().min(1)).min(1),
        extensions: extensionsSchema.optional(),
      }),
    )
    .default([]),
  /** The deployed recipe's `recipeId`, which identifies its results. */
  recipeId: z.string().min(1),
  /** Position of the recipe in the order of all deployed recipes: the latest has the highest number. */
  generation: z.coerce.number().int().min(1),
  /** Patterns for the names of uploads that are not converted (`ignoringNames`). */
  ignore: z.array(z.string()),
  /** What happens to the results of a deleted upload. */
  whenDeleted: z.enum(WHEN_DELETED).default('keep'),
  /** The HTTP API's address; absent in a deployment without one. */
  apiUrl: z.string().optional(),
  /** Name of the alarm on dead letters; absent in a deployment without alarms. */
  deadLetterAlarm: z.string().optional(),
});

export type Deployment = z.infer<typeof deploymentSchema>;

/** The response to `GET /deployment` of a local pipeline. `awsUrl` serves its S3, SQS and DynamoDB. */
export const localDeploymentSchema = deploymentSchema.extend({ awsUrl: z.string() });

export type LocalDeployment = z.infer<typeof localDeploymentSchema>;

/**
 * Names of the stack's outputs. Lists of names are comma-separated: neither bucket nor rendition names have commas.
 * What is ignored, rules and extensions are JSON.
 */
export const OUTPUTS = {
  uploadBuckets: 'UploadBuckets',
  resultBucket: 'ResultBucket',
  failureBucket: 'FailureBucket',
  conversionQueueUrl: 'ConversionQueueUrl',
  retryQueueUrl: 'RetryQueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
  renditions: 'Renditions',
  extensions: 'Extensions',
  rules: 'Rules',
  recipeId: 'RecipeId',
  generation: 'Generation',
  ignore: 'Ignore',
  whenDeleted: 'WhenDeleted',
  apiUrl: 'ApiUrl',
  deadLetterAlarm: 'DeadLetterAlarm',
} as const satisfies Record<keyof Deployment, string>;

/** A stack without one of these does not belong to Millrace. */
const OUTPUTS_OF_EVERY_VERSION: readonly string[] = [
  OUTPUTS.uploadBuckets,
  OUTPUTS.resultBucket,
  OUTPUTS.failureBucket,
  OUTPUTS.conversionQueueUrl,
  OUTPUTS.retryQueueUrl,
  OUTPUTS.deadLetterQueueUrl,
];

const list = (text: string | undefined) => text?.split(',').filter((name) => name !== '');

/**
 * Reads a deployment from a stack's outputs.
 * @param pipeline id of its construct, where the stack has several pipelines
 * @throws Error naming every output that is missing, or the pipelines to choose from
 */
export function deploymentFromOutputs(outputs: ReadonlyMap<string, string>, pipeline?: string): Deployment {
  const prefix = prefixOf(outputs, pipeline);
  const values = Object.fromEntries(
    Object.entries(OUTPUTS).map(([field, name]) => [field, outputs.get(`${prefix}${name}`)]),
  );
  const parsed = deploymentSchema.safeParse({
    ...values,
    uploadBuckets: list(values.uploadBuckets),
    renditions: list(values.renditions),
    ignore: parseJson(values.ignore ?? ''),
    rules: values.rules === undefined ? undefined : (parseJson(values.rules) ?? null),
    extensions: values.extensions === undefined ? undefined : (parseJson(values.extensions) ?? null),
  });
  if (parsed.success) return parsed.data;
  const missing = new Set<string>(
    parsed.error.issues.map(({ path }) => OUTPUTS[path[0] as keyof Deployment] ?? String(path[0])),
  );
  const isOurs = OUTPUTS_OF_EVERY_VERSION.every((name) => !missing.has(name));
  throw new Error(
    isOurs
      ? `deploy this version first: an older version deployed the stack, without the output ${[...missing].join(', ')}`
      : `not a stack of this project: it has no output ${[...missing].join(', ')}`,
  );
}

/** The outputs of a pipeline begin with the id of its construct, or with nothing in the stack of this project. */
function prefixOf(outputs: ReadonlyMap<string, string>, pipeline: string | undefined): string {
  const names = [...outputs.keys()];
  const prefixes = names
    .filter((name) => name.endsWith(OUTPUTS.conversionQueueUrl))
    .map((name) => name.slice(0, -OUTPUTS.conversionQueueUrl.length))
    .filter((prefix) => OUTPUTS_OF_EVERY_VERSION.every((name) => outputs.has(`${prefix}${name}`)));
  const [only] = prefixes;
  if (pipeline === undefined && prefixes.length <= 1) return only ?? '';
  if (pipeline !== undefined && prefixes.includes(pipeline)) return pipeline;
  const choice = prefixes.map((prefix) => `/${prefix}`).join(' or ');
  throw new Error(
    pipeline === undefined
      ? `it has ${prefixes.length} pipelines: add ${choice} to its name`
      : `it has no pipeline ${pipeline}${choice === '' ? '' : `: add ${choice} to its name`}`,
  );
}
