import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { DeadLetterContext } from '../context.ts';

/** About how many messages a queue has. */
export interface QueueState {
  /** They may be received. */
  visible: number;
  /** They were received and are hidden for a time. */
  inFlight: number;
  delayed: number;
  /** Seconds for which it keeps a message. */
  retentionSeconds: number;
}

export async function queueState(
  { sqs }: Pick<DeadLetterContext, 'sqs'>,
  QueueUrl: string,
): Promise<QueueState> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
        'MessageRetentionPeriod',
      ],
    }),
  );
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed),
    retentionSeconds: Number(Attributes.MessageRetentionPeriod),
  };
}
