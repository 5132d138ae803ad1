import * as z from 'zod';
import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import { action, type Action } from '../action.ts';
import type { SqsModel } from '../model.ts';
import type { QueueState } from '../queue.ts';

function sourceOf(arn: string, model: SqsModel): QueueState {
  const queue = model.queueByArn(arn);
  if (queue === undefined) {
    throw new AwsError(
      'ResourceNotFoundException',
      400,
      "The resource that you specified for the SourceArn parameter doesn't exist.",
    );
  }
  return queue;
}

export const moveTaskActions = {
  StartMessageMoveTask: action(
    z.strictObject({
      SourceArn: z.string(),
      DestinationArn: z.string().optional(),
      MaxNumberOfMessagesPerSecond: z.int().min(1).max(500).default(500),
    }),
    ({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond }, { model }) => {
      const task = model.moveTasks.start(
        sourceOf(SourceArn, model),
        DestinationArn,
        MaxNumberOfMessagesPerSecond,
      );
      return { TaskHandle: task.handle };
    },
  ),

  ListMessageMoveTasks: action(
    z.strictObject({ SourceArn: z.string(), MaxResults: z.int().min(1).max(10).default(1) }),
    ({ SourceArn, MaxResults }, { model }) => ({
      Results: model.moveTasks.list(sourceOf(SourceArn, model), MaxResults).map((task) => ({
        // Only a running task can be cancelled, so only it shows its handle.
        ...(task.status === 'RUNNING' ? { TaskHandle: task.handle } : {}),
        Status: task.status,
        SourceArn: task.sourceArn,
        ...defined({ DestinationArn: task.destinationArn }),
        MaxNumberOfMessagesPerSecond: task.messagesPerSecond,
        ApproximateNumberOfMessagesMoved: task.moved,
        ApproximateNumberOfMessagesToMove: task.toMove,
        ...defined({ FailureReason: task.failureReason }),
        StartedTimestamp: task.startedAt,
      })),
    }),
  ),

  CancelMessageMoveTask: action(z.strictObject({ TaskHandle: z.string() }), ({ TaskHandle }, { model }) => ({
    ApproximateNumberOfMessagesMoved: model.moveTasks.cancel(TaskHandle),
  })),
} satisfies Record<string, Action>;
