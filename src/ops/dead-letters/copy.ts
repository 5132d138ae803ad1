import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { toDotPath } from 'zod/v4/core';
import { defined } from '../../core/defined.ts';
import type { DeadLetter } from './dead-letter.ts';
import { expiryOf } from './groups.ts';

/** A dead letter as a line of an export: everything needed to send it again, and its reason. */
export const copySchema = z.object({
  id: z.string().min(1),
  code: z.string(),
  message: z.string(),
  attempts: z.number(),
  objects: z.array(z.object({ bucket: z.string(), key: z.string(), versionId: z.string().exactOptional() })),
  /** ISO 8601. */
  sentAt: z.string(),
  expiresAt: z.string(),
  body: z.string().min(1),
  /** `binary` is base64. */
  attributes: z.record(
    z.string(),
    z.object({ type: z.string(), value: z.string().optional(), binary: z.base64().optional() }),
  ),
});

export type DeadLetterCopy = z.infer<typeof copySchema>;

export function copyOf(letter: DeadLetter, retentionSeconds: number): DeadLetterCopy {
  const { id, code, message, attempts, objects, sentAt, body, attributes } = letter;
  return {
    id,
    code,
    message,
    attempts,
    objects: objects.map(({ bucket, key, versionId }) => defined({ bucket, key, versionId })),
    sentAt: sentAt.toISOString(),
    expiresAt: expiryOf(letter, retentionSeconds).toISOString(),
    body,
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { DataType = 'String', StringValue, BinaryValue }]) => [
        name,
        defined({
          type: DataType,
          value: StringValue,
          binary: BinaryValue && Buffer.from(BinaryValue).toString('base64'),
        }),
      ]),
    ),
  };
}

/** Returns a copy's attributes in the format for sending. */
export function attributesOfCopy({ attributes }: DeadLetterCopy): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, value, binary }]) => [
      name,
      defined({
        DataType: type,
        StringValue: value,
        BinaryValue: binary === undefined ? undefined : Buffer.from(binary, 'base64'),
      }),
    ]),
  );
}

/** Thrown for a file that is not an export. The message names the line. */
export class InvalidCopy extends Error {
  override readonly name = 'InvalidCopy';
}

/**
 * Reads a line of an export, which may have been edited.
 * @throws InvalidCopy that names the line and what is wrong with it
 */
export function parseCopy(line: string, number: number): DeadLetterCopy {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new InvalidCopy(`line ${number} is not JSON`, { cause });
  }
  const parsed = copySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidCopy(
    `line ${number} is not an exported dead letter: ${toDotPath(issue?.path ?? [])}: ${issue?.message ?? 'invalid'}`,
  );
}
