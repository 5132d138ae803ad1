import * as z from 'zod';
import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import { readDocument } from '../http/document.ts';
import type { StoredRule } from '../lifecycle.ts';
import { bucketOf, xmlAnswer, type Operation } from '../operation.ts';

const days = z.coerce.number().int().min(1);
/** Kinds that are not implemented. */
const OTHER_ACTIONS = ['Transition', 'NoncurrentVersionTransition'];

const ruleSchema = z.strictObject({
  ...Object.fromEntries(OTHER_ACTIONS.map((name) => [name, z.unknown().optional()])),
  ID: z.string().max(255).optional(),
  Status: z.enum(['Enabled', 'Disabled']),
  Prefix: z.string().optional(),
  // An empty element is an empty text.
  Filter: z.union([z.literal(''), z.looseObject({ Prefix: z.string().optional() })]).optional(),
  Expiration: z
    .looseObject({
      Days: days.optional(),
      ExpiredObjectDeleteMarker: z.enum(['true', 'false']).optional(),
    })
    .optional(),
  NoncurrentVersionExpiration: z.looseObject({ NoncurrentDays: days }).optional(),
  AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: days }).optional(),
});
type Rule = z.infer<typeof ruleSchema>;

const lifecycleSchema = z.strictObject({ Rule: z.array(ruleSchema).min(1).max(1000) });

export const putBucketLifecycle: Operation = async (request, context) => {
  const { Rule } = await readDocument(request, 'LifecycleConfiguration', lifecycleSchema);
  const lifecycle = Rule.map(readRule);
  context.model.changeSettings(bucketOf(request, context), { lifecycle });
  await context.journal.flush();
  return { status: 200 };
};

function readRule(rule: Rule, index: number): StoredRule {
  refuseUnsupported(rule);
  const filter = rule.Filter === '' ? undefined : rule.Filter;
  const prefix = filter?.Prefix ?? rule.Prefix ?? '';
  const { Expiration: expiration, NoncurrentVersionExpiration: noncurrent } = rule;
  const abort = rule.AbortIncompleteMultipartUpload;
  if (expiration === undefined && noncurrent === undefined && abort === undefined)
    throw new AwsError('InvalidRequest', 400, 'At least one action needs to be specified in a rule');
  return {
    id: rule.ID ?? `rule-${index + 1}`,
    ...(prefix === '' ? {} : { prefix }),
    ...(rule.Status === 'Disabled' ? { disabled: true } : {}),
    ...defined({ expirationDays: expiration?.Days }),
    ...(expiration?.ExpiredObjectDeleteMarker === 'true' ? { expiredDeleteMarkers: true } : {}),
    ...defined({
      noncurrentDays: noncurrent?.NoncurrentDays,
      abortMultipartDays: abort?.DaysAfterInitiation,
    }),
  };
}

/** @throws AwsError NotImplemented: ignoring a part of a rule could delete what that part keeps */
function refuseUnsupported(rule: Rule): void {
  const known: Record<string, readonly string[]> = {
    Filter: ['Prefix'],
    Expiration: ['Days', 'ExpiredObjectDeleteMarker'],
    NoncurrentVersionExpiration: ['NoncurrentDays'],
  };
  const parts = Object.entries(known).flatMap(([name, children]) =>
    Object.keys(Object(rule[name as keyof Rule] ?? {}) as object).filter(
      (child) => !children.includes(child),
    ),
  );
  const [unsupported] = [...OTHER_ACTIONS.filter((name) => name in rule), ...parts];
  if (unsupported !== undefined)
    throw new AwsError('NotImplemented', 501, `This local S3 has no lifecycle rules with ${unsupported}.`);
}

export const getBucketLifecycle: Operation = (request, context) => {
  const { lifecycle = [] } = bucketOf(request, context).settings;
  if (lifecycle.length === 0)
    throw new AwsError('NoSuchLifecycleConfiguration', 404, 'The lifecycle configuration does not exist');
  return xmlAnswer('LifecycleConfiguration', { Rule: lifecycle.map(describeRule) });
};

function describeRule(rule: StoredRule): object {
  const {
    id,
    prefix = '',
    disabled,
    expirationDays,
    expiredDeleteMarkers,
    noncurrentDays,
    abortMultipartDays,
  } = rule;
  const expiration = {
    ...defined({ Days: expirationDays }),
    ...(expiredDeleteMarkers === undefined ? {} : { ExpiredObjectDeleteMarker: true }),
  };
  return {
    ID: id,
    Filter: { Prefix: prefix },
    Status: disabled === true ? 'Disabled' : 'Enabled',
    ...(Object.keys(expiration).length === 0 ? {} : { Expiration: expiration }),
    ...(noncurrentDays === undefined
      ? {}
      : { NoncurrentVersionExpiration: { NoncurrentDays: noncurrentDays } }),
    ...(abortMultipartDays === undefined
      ? {}
      : { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortMultipartDays } }),
  };
}

export const deleteBucketLifecycle: Operation = async (request, context) => {
  context.model.changeSettings(bucketOf(request, context), { lifecycle: [] });
  await context.journal.flush();
  return { status: 204 };
};
