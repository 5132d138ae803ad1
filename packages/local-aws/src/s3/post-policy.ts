import * as z from 'zod';
import { AwsError } from '../aws-error.ts';

/** A policy that lets a browser upload. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
export interface PostPolicy {
  expiresAt: number;
  conditions: Condition[];
}

type Condition =
  | { kind: 'eq' | 'starts-with'; field: string; value: string }
  | { kind: 'content-length-range'; min: number; max: number };

const exact = z.record(z.string(), z.string());
const list = z.union([
  z.tuple([
    z.literal('content-length-range'),
    z.coerce.number().int().min(0),
    z.coerce.number().int().min(0),
  ]),
  z.tuple([z.enum(['eq', 'starts-with']), z.string().startsWith('$'), z.string()]),
]);
const schema = z.object({
  expiration: z.iso.datetime({ offset: true }),
  conditions: z.array(z.union([exact, list])),
});

/** Fields that need no condition. */
const FREE = new Set(['x-amz-signature', 'policy', 'file', 'awsaccesskeyid', 'signature']);

/** @throws AwsError InvalidPolicyDocument */
export function parsePolicy(base64: string): PostPolicy {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(base64, 'base64').toString());
  } catch {
    throw invalid('not JSON');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(z.core.toDotPath(parsed.error.issues[0]?.path ?? []));
  const conditions = parsed.data.conditions.flatMap((condition): Condition[] => {
    if (!Array.isArray(condition)) {
      return Object.entries(condition).map(([field, each]) => ({
        kind: 'eq',
        field: field.toLowerCase(),
        value: each,
      }));
    }
    if (condition[0] === 'content-length-range')
      return [{ kind: 'content-length-range', min: condition[1], max: condition[2] }];
    return [{ kind: condition[0], field: condition[1].slice(1).toLowerCase(), value: condition[2] }];
  });
  return { expiresAt: Date.parse(parsed.data.expiration), conditions };
}

/**
 * Checks a form against its policy: it must not have expired, must meet every condition, and must have no field
 * without a condition.
 * @param fields by name in lower case, with the bucket among them
 * @throws AwsError AccessDenied
 */
export function checkPolicy(
  { expiresAt, conditions }: PostPolicy,
  fields: ReadonlyMap<string, string>,
  now: number,
): void {
  if (now > expiresAt) throw denied('Policy expired.');
  for (const condition of conditions) {
    if (condition.kind === 'content-length-range') continue;
    const value = fields.get(condition.field) ?? '';
    const met = condition.kind === 'eq' ? value === condition.value : startsWith(condition, value);
    if (!met)
      throw denied(
        `Policy Condition failed: ["${condition.kind}", "$${condition.field}", "${condition.value}"]`,
      );
  }
  const spoken = new Set(
    conditions.map((condition) => (condition.kind === 'content-length-range' ? '' : condition.field)),
  );
  for (const field of fields.keys()) {
    const free = FREE.has(field) || field.startsWith('x-ignore-') || field === 'bucket';
    if (!free && !spoken.has(field)) throw denied(`Extra input fields: ${field}`);
  }
}

/** There may be several content types, separated by commas; each must match. */
function startsWith({ field, value: prefix }: { field: string; value: string }, value: string): boolean {
  const values = field === 'content-type' ? value.split(',') : [value];
  return values.every((each) => each.startsWith(prefix));
}

/** Returns the allowed range of the file's bytes. */
export function lengthRange({ conditions }: PostPolicy): { min: number; max: number } {
  let [min, max] = [0, 5 * 1024 ** 3];
  for (const condition of conditions) {
    if (condition.kind !== 'content-length-range') continue;
    min = Math.max(min, condition.min);
    max = Math.min(max, condition.max);
  }
  return { min, max };
}

function invalid(detail: string): AwsError {
  return new AwsError('InvalidPolicyDocument', 400, `Invalid Policy: ${detail}.`);
}

function denied(reason: string): AwsError {
  return new AwsError('AccessDenied', 403, `Invalid according to Policy: ${reason}`);
}
