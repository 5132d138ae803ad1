import * as z from 'zod';
import { defined } from '../defined.ts';
import { AwsError } from '../aws-error.ts';

/** A queue's settings, in seconds and bytes. */
export interface QueueSettings {
  delaySeconds: number;
  maximumMessageSize: number;
  retentionSeconds: number;
  waitSeconds: number;
  visibilitySeconds: number;
  redrive?: { deadLetterTargetArn: string; maxReceiveCount: number };
  redriveAllow?: { redrivePermission: 'allowAll' | 'denyAll' | 'byQueue'; sourceQueueArns?: string[] };
  policy?: string;
}

/**
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 * Messages have been allowed 1 MiB since August 2025.
 */
export const DEFAULT_SETTINGS: QueueSettings = {
  delaySeconds: 0,
  maximumMessageSize: 1_048_576,
  retentionSeconds: 345_600,
  waitSeconds: 0,
  visibilitySeconds: 30,
};

const NUMBERS = {
  DelaySeconds: { key: 'delaySeconds', min: 0, max: 900 },
  MaximumMessageSize: { key: 'maximumMessageSize', min: 1024, max: 1_048_576 },
  MessageRetentionPeriod: { key: 'retentionSeconds', min: 60, max: 1_209_600 },
  ReceiveMessageWaitTimeSeconds: { key: 'waitSeconds', min: 0, max: 20 },
  VisibilityTimeout: { key: 'visibilitySeconds', min: 0, max: 43_200 },
} as const;

const redriveSchema = z.strictObject({
  deadLetterTargetArn: z.string().min(1),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});
const redriveAllowSchema = z.strictObject({
  redrivePermission: z.enum(['allowAll', 'denyAll', 'byQueue']),
  sourceQueueArns: z.array(z.string()).max(10).optional(),
});

/** Applies the attributes of CreateQueue and SetQueueAttributes. An empty policy removes it. */
export function applyAttributes(settings: QueueSettings, attributes: Record<string, string>): QueueSettings {
  const next: QueueSettings = { ...settings };
  for (const [name, value] of Object.entries(attributes)) {
    if (name in NUMBERS) {
      const { key, min, max } = NUMBERS[name as keyof typeof NUMBERS];
      const number = Number(value);
      if (!/^\d+$/.test(value) || number < min || number > max) throw invalid(name, value);
      next[key] = number;
    } else if (name === 'RedrivePolicy') {
      if (value === '') delete next.redrive;
      else next.redrive = readJson(redriveSchema, name, value);
    } else if (name === 'RedriveAllowPolicy') {
      if (value === '') delete next.redriveAllow;
      else next.redriveAllow = readAllow(value);
    } else if (name === 'Policy') {
      if (value === '') delete next.policy;
      else next.policy = value;
    } else if (name === 'SqsManagedSseEnabled') {
      if (value !== 'true' && value !== 'false') throw invalid(name, value);
    } else if (name === 'FifoQueue' || name.startsWith('Kms') || name === 'ContentBasedDeduplication') {
      throw new AwsError(
        'NotImplemented',
        501,
        `This local SQS does not support the queue attribute ${name}.`,
      );
    } else {
      throw new AwsError('InvalidAttributeName', 400, `Unknown Attribute ${name}.`);
    }
  }
  return next;
}

function readAllow(value: string): NonNullable<QueueSettings['redriveAllow']> {
  const { redrivePermission, sourceQueueArns } = readJson(redriveAllowSchema, 'RedriveAllowPolicy', value);
  return { redrivePermission, ...defined({ sourceQueueArns }) };
}

/** Returns a queue's attributes as strings. */
export function describeSettings(settings: QueueSettings): Record<string, string> {
  const shown: Record<string, string> = { SqsManagedSseEnabled: 'false' };
  for (const [name, { key }] of Object.entries(NUMBERS)) shown[name] = String(settings[key]);
  if (settings.redrive !== undefined) shown['RedrivePolicy'] = JSON.stringify(settings.redrive);
  if (settings.redriveAllow !== undefined)
    shown['RedriveAllowPolicy'] = JSON.stringify(settings.redriveAllow);
  if (settings.policy !== undefined) shown['Policy'] = settings.policy;
  return shown;
}

function readJson<T extends z.ZodType>(schema: T, name: string, value: string): z.infer<T> {
  try {
    return schema.parse(JSON.parse(value));
  } catch {
    throw invalid(name, value);
  }
}

function invalid(name: string, value: string): AwsError {
  return new AwsError(
    'InvalidAttributeValue',
    400,
    `Invalid value for the parameter ${name}. Reason: ${value}.`,
  );
}
