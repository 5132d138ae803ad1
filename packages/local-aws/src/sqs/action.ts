import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { SqsModel } from './model.ts';
import type { QueueState } from './queue.ts';

/** An action's dependencies. */
export interface ActionContext {
  model: SqsModel;
  /** Returns a queue's URL. */
  urlOf(queue: QueueState): string;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
}

/** An SQS operation: JSON in, JSON out. */
export type Action = (input: unknown, context: ActionContext) => object | Promise<object>;

/**
 * Creates an action from a schema and a function. Schemas are strict objects at all levels, so that parameters that
 * are not implemented are refused.
 */
export function action<T extends z.ZodType>(
  schema: T,
  run: (input: z.infer<T>, context: ActionContext) => object | Promise<object>,
): Action {
  return (input, context) => {
    const parsed = schema.safeParse(input);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      if (issue?.code === 'unrecognized_keys') {
        const unknown = z.core.toDotPath([...issue.path, issue.keys[0] ?? '']);
        throw new AwsError(
          'NotImplemented',
          501,
          `This local SQS does not support the parameter ${unknown}.`,
        );
      }
      const path = z.core.toDotPath(issue?.path ?? []);
      const missing = issue?.code === 'invalid_type' && issue.message.includes('received undefined');
      if (missing)
        throw new AwsError('MissingParameter', 400, `The request must contain the parameter ${path}.`);
      throw new AwsError(
        'InvalidParameterValue',
        400,
        `Value for parameter ${path} is invalid. Reason: ${issue?.message}.`,
      );
    }
    return run(parsed.data, context);
  };
}

/** Finds a queue by its URL, with any host name. */
export const queueUrl = z.string().min(1);

export function queueOf(url: string, model: SqsModel): QueueState {
  return model.queue(url.split('/').at(-1) ?? '');
}

const attributeName = /^(?!aws\.|amazon\.)[A-Za-z0-9_.-]{1,256}$/i;

/** SQS reserves these lists for future use; clients may send them empty. */
const unused = z.array(z.string()).max(0, 'lists are reserved for future use').nullish();
export const UNUSED_LISTS = { StringListValues: unused, BinaryListValues: unused };

export const messageAttributes = z
  .record(
    z.string().regex(attributeName, 'not a message attribute name'),
    z.strictObject({
      DataType: z.string().regex(/^(String|Number|Binary)(\..+)?$/, 'must be String, Number or Binary'),
      StringValue: z.string().nullish(),
      BinaryValue: z.string().nullish(),
      ...UNUSED_LISTS,
    }),
  )
  .refine((attributes) => Object.keys(attributes).length <= 10, 'a message can have 10 attributes at most')
  .transform((attributes) =>
    Object.fromEntries(
      Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => {
        const value = DataType.startsWith('Binary') ? BinaryValue : StringValue;
        if (!value) {
          throw new AwsError(
            'InvalidParameterValue',
            400,
            `The message attribute '${name}' must contain a non-empty value of its type.`,
          );
        }
        if (DataType.startsWith('Number') && !Number.isFinite(Number(value))) {
          throw new AwsError(
            'InvalidParameterValue',
            400,
            `Can't cast the value of message attribute '${name}' to a number.`,
          );
        }
        return [
          name,
          DataType.startsWith('Binary') ? { DataType, BinaryValue: value } : { DataType, StringValue: value },
        ];
      }),
    ),
  );

/** Refuses characters that XML 1.0 does not allow. */
export function checkBody(body: string): void {
  if (body === '')
    throw new AwsError('MissingParameter', 400, 'The request must contain the parameter MessageBody.');
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u.test(body) || !body.isWellFormed()) {
    throw new AwsError('InvalidMessageContents', 400, 'Invalid characters found in the message body.');
  }
}

/**
 * Refuses a parameter that only FIFO queues support, which are not implemented.
 * @throws AwsError InvalidParameterValue
 */
export function refuseForFifo(parameter: string, value: string | undefined): void {
  if (value === undefined) return;
  throw new AwsError(
    'InvalidParameterValue',
    400,
    `Value ${value} for parameter ${parameter} is invalid. Reason: The request include parameter that is not valid for this queue type.`,
  );
}

/**
 * Checks a message group id. On a standard queue, it names a tenant for fair queues and does not affect the order.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 * @throws AwsError InvalidParameterValue
 */
export function checkGroup(id: string | undefined): void {
  if (id === undefined || /^[!-~]{1,128}$/.test(id)) return;
  throw new AwsError(
    'InvalidParameterValue',
    400,
    `Value ${id} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}
