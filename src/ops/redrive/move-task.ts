import {
  CancelMessageMoveTaskCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry,
} from '@aws-sdk/client-sqs';
import { defined } from '../../core/defined.ts';
import type { OpsContext } from '../context.ts';

/**
 * Starts an SQS move task for all dead letters, to the retry queue. Names the destination because SQS otherwise
 * refuses messages that were sent directly to the dead-letter queue.
 * @param rate messages per second, at most `REDRIVE_LIMITS.rate`
 * @returns the handle of the task
 */
export async function startMoveTask(ops: OpsContext, rate?: number): Promise<string> {
  const { TaskHandle = '' } = await ops.sqs.send(
    new StartMessageMoveTaskCommand({
      SourceArn: await arnOf(ops, ops.deployment.deadLetterQueueUrl),
      DestinationArn: await arnOf(ops, ops.deployment.retryQueueUrl),
      ...defined({ MaxNumberOfMessagesPerSecond: rate }),
    }),
  );
  return TaskHandle;
}

/** Returns the latest tasks, newest first. */
export async function listMoveTasks(ops: OpsContext): Promise<ListMessageMoveTasksResultEntry[]> {
  const SourceArn = await arnOf(ops, ops.deployment.deadLetterQueueUrl);
  const { Results = [] } = await ops.sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 10 }));
  return Results;
}

/** Cancels running tasks. @returns how many there were */
export async function cancelMoveTasks(ops: OpsContext): Promise<number> {
  const handles = (await listMoveTasks(ops)).flatMap(({ TaskHandle }) => TaskHandle ?? []);
  for (const TaskHandle of handles) await ops.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
  return handles.length;
}

async function arnOf({ sqs }: OpsContext, QueueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return Attributes?.QueueArn ?? '';
}
