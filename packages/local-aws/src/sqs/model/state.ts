import type { Clock } from '../../clock.ts';
import type { Journal } from '../../journal.ts';
import type { Random } from '../../random.ts';
import type { QueueState } from '../queue.ts';

export interface SqsModelOptions {
  clock: Clock;
  random: Random;
  journal: Journal;
  region: string;
  accountId: string;
  /** Chooses which visible message to receive next, by its index. By default, the oldest. */
  chooseOnReceive?: (visible: number) => number;
  /** Returns whether a received message stays visible, because SQS delivers at least once. */
  duplicateOnReceive?: () => boolean;
}

/** The model's state and its dependencies. */
export interface SqsState extends Required<SqsModelOptions> {
  readonly queues: Map<string, QueueState>;
}

export function createState(options: SqsModelOptions): SqsState {
  const { chooseOnReceive = () => 0, duplicateOnReceive = () => false } = options;
  return { ...options, chooseOnReceive, duplicateOnReceive, queues: new Map() };
}

export function newUuid({ random }: SqsState): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export function arnOf({ region, accountId }: SqsState, name: string): string {
  return `arn:aws:sqs:${region}:${accountId}:${name}`;
}
