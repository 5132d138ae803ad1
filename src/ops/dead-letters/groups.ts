import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { retryCanHelp } from '../../core/codes.ts';
import type { DeadLetterContext } from '../context.ts';
import { keyOf, type DeadLetter } from './dead-letter.ts';

/** The dead letters of one code. */
export interface DeadLetterGroup {
  code: string;
  count: number;
  /** When the oldest was sent: ISO 8601. */
  oldest: string;
  /** When the oldest expires from the queue: ISO 8601. */
  expires: string;
  /** Key of one of them. */
  sample: string;
  message: string;
  /** Whether a retry alone may help; otherwise, the cause must be fixed first. */
  retryCanHelp: boolean;
}

type Groupable = Pick<DeadLetter, 'code' | 'message' | 'attempts' | 'sentAt' | 'objects' | 'id'>;

/** Groups dead letters by code, the largest group first. */
export async function groupByCode(
  letters: AsyncIterable<Groupable> | Iterable<Groupable>,
  retentionSeconds: number,
): Promise<DeadLetterGroup[]> {
  const groups = new Map<string, DeadLetterGroup>();
  for await (const letter of letters) {
    const group = groups.get(letter.code);
    const count = (group?.count ?? 0) + 1;
    const oldest = letter.sentAt.toISOString();
    if (group !== undefined && group.oldest <= oldest) group.count = count;
    else
      groups.set(letter.code, {
        code: letter.code,
        count,
        oldest,
        expires: expiryOf(letter, retentionSeconds).toISOString(),
        sample: keyOf(letter),
        message: letter.message,
        retryCanHelp: retryCanHelp(letter),
      });
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count);
}

export function expiryOf({ sentAt }: Pick<DeadLetter, 'sentAt'>, retentionSeconds: number): Date {
  return new Date(sentAt.getTime() + retentionSeconds * 1000);
}

/** Seconds for which the dead-letter queue keeps a message. */
export async function retentionOf({ sqs, deployment }: DeadLetterContext): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: deployment.deadLetterQueueUrl,
      AttributeNames: ['MessageRetentionPeriod'],
    }),
  );
  return Number(Attributes?.MessageRetentionPeriod);
}
