import { defined } from '../defined.ts';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Message } from './message.ts';
import type { QueueState } from './queue.ts';

/**
 * A message move task, which runs in the background.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
export interface MoveTask {
  handle: string;
  sourceArn: string;
  destinationArn?: string;
  messagesPerSecond: number;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  moved: number;
  toMove: number;
  startedAt: number;
  failureReason?: string;
}

export interface MoveTasks {
  start(source: QueueState, destinationArn: string | undefined, messagesPerSecond: number): MoveTask;
  /** Newest first. */
  list(source: QueueState, max: number): MoveTask[];
  /** @returns how many messages it had moved */
  cancel(handle: string): number;
}

/** The parts of the model that a task uses. */
interface Queues {
  queues(): QueueState[];
  queueByArn(arn: string): QueueState | undefined;
  move(from: QueueState, message: Message, to: QueueState, changes: Partial<Message>): void;
}

/**
 * Tasks are only in memory: a killed process's task ends as if it had been canceled, and every message is in one of
 * the two queues.
 */
export function createMoveTasks(model: Queues, clock: Clock, newId: () => string): MoveTasks {
  const tasks: MoveTask[] = [];

  function run(task: MoveTask, source: QueueState): void {
    if (task.status === 'CANCELLING') task.status = 'CANCELLED';
    if (task.status !== 'RUNNING') return;
    const message = source.visible() > 0 ? source.at(0) : undefined;
    if (message === undefined || task.moved >= task.toMove) {
      task.status = 'COMPLETED';
      return;
    }
    const arn = task.destinationArn ?? message.deadLetterSource;
    const destination = arn === undefined ? undefined : model.queueByArn(arn);
    if (destination === undefined) {
      task.status = 'FAILED';
      task.failureReason =
        arn === undefined ? 'CouldNotDetermineMessageSource' : 'AWS.SimpleQueueService.NonExistentQueue';
      return;
    }
    // The moved message is new: it has its own id and enqueue time, and its receive count starts at zero.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    const { deadLetterSource: _source, firstReceivedAt: _first, ...fresh } = message;
    model.move(source, fresh, destination, { id: newId(), receiveCount: 0, sentAt: clock.now() });
    task.moved += 1;
    clock.after(1000 / task.messagesPerSecond, () => run(task, source));
  }

  return {
    start(source, destinationArn, messagesPerSecond) {
      checkStart(model, tasks, source, destinationArn);
      const task: MoveTask = {
        handle: Buffer.from(JSON.stringify({ taskId: newId(), sourceArn: source.arn })).toString('base64'),
        sourceArn: source.arn,
        messagesPerSecond,
        status: 'RUNNING',
        moved: 0,
        toMove: source.visible(),
        startedAt: clock.now(),
        ...defined({ destinationArn }),
      };
      tasks.unshift(task);
      clock.after(0, () => run(task, source));
      return task;
    },
    list: (source, max) => tasks.filter(({ sourceArn }) => sourceArn === source.arn).slice(0, max),
    cancel(handle) {
      const task = tasks.find((candidate) => candidate.handle === handle);
      if (task === undefined)
        throw new AwsError('ResourceNotFoundException', 400, 'The task handle is not known.');
      if (task.status !== 'RUNNING') {
        throw new AwsError(
          'UnsupportedOperation',
          400,
          `Only active tasks can be cancelled; this one is ${task.status}.`,
        );
      }
      task.status = 'CANCELLING';
      return task.moved;
    },
  };
}

/** @throws AwsError UnsupportedOperation, InvalidParameterValue, ResourceNotFoundException */
function checkStart(
  model: Queues,
  tasks: readonly MoveTask[],
  source: QueueState,
  destinationArn: string | undefined,
): void {
  const isDeadLetterQueue = model
    .queues()
    .some(({ settings }) => settings.redrive?.deadLetterTargetArn === source.arn);
  if (!isDeadLetterQueue)
    throw new AwsError(
      'UnsupportedOperation',
      400,
      'Source queue must be configured as a Dead Letter Queue.',
    );
  if (destinationArn === source.arn)
    throw new AwsError(
      'InvalidParameterValue',
      400,
      'Source queue arn and destination queue arn cannot be the same.',
    );
  if (destinationArn !== undefined && model.queueByArn(destinationArn) === undefined)
    throw new AwsError(
      'ResourceNotFoundException',
      400,
      "The resource that you specified for the DestinationArn parameter doesn't exist.",
    );
  if (tasks.some(({ sourceArn, status }) => sourceArn === source.arn && status === 'RUNNING'))
    throw new AwsError(
      'UnsupportedOperation',
      400,
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    );
}
