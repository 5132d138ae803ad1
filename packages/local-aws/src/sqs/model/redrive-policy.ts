import { AwsError } from '../../aws-error.ts';
import type { QueueSettings } from '../attributes.ts';
import type { QueueState } from '../queue.ts';
import type { SqsState } from './state.ts';

export function queueByArn({ queues }: SqsState, arn: string): QueueState | undefined {
  return [...queues.values()].find((queue) => queue.arn === arn);
}

/**
 * Checks a queue's new redrive policy.
 * @throws AwsError InvalidParameterValue
 */
export function checkRedrive(state: SqsState, { redrive }: QueueSettings, arn: string): void {
  if (redrive === undefined) return;
  const target = queueByArn(state, redrive.deadLetterTargetArn);
  // If a queue were its own dead-letter queue, its dead letters would be moved forever.
  if (target === undefined || target.arn === arn) {
    const reason =
      target === undefined ? 'Dead letter target does not exist.' : 'Dead letter target is the queue itself.';
    throw new AwsError(
      'InvalidParameterValue',
      400,
      `Value ${JSON.stringify(redrive)} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
    );
  }
  if (!allows(target, arn)) {
    throw new AwsError(
      'InvalidParameterValue',
      400,
      `The redrive allow policy of ${target.name} does not allow ${arn}.`,
    );
  }
}

/** Returns whether a dead-letter queue accepts a queue's dead letters. */
function allows({ settings: { redriveAllow } }: QueueState, sourceArn: string): boolean {
  if (redriveAllow === undefined || redriveAllow.redrivePermission === 'allowAll') return true;
  if (redriveAllow.redrivePermission !== 'byQueue') return false;
  return (redriveAllow.sourceQueueArns ?? []).includes(sourceArn);
}
