import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { DeadLetterContext } from '../context.ts';

/** The approximate numbers of messages in a queue. */
export interface QueueState {
  /** Can be received now. */
  visible: number;
  /** Received and hidden until their visibility timeout. */
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
