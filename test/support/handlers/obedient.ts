import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';

export interface Order {
  /** Ends the process while nobody waits for it: after the answer. */
  dieLater?: boolean;
  /** Answers only when a file of this name is there. */
  waitFor?: string;
  throw?: string;
}

/** When the process had loaded its code; milliseconds since the epoch. */
const loadedAt = Date.now();

export interface Report {
  pid: number;
  order: Order;
  requestId: string;
  functionName: string;
  remainingMilliseconds: number;
  loadedAt: number;
  reportedAt: number;
  colour: string | undefined;
}

/** A function that does what its event asks for, and answers what it knows of itself. */
export async function handler(order: Order, context: Context): Promise<Report> {
  if (order.throw !== undefined) throw new TypeError(order.throw);
  while (order.waitFor !== undefined && !existsSync(order.waitFor)) await sleep(20);
  if (order.dieLater === true) setImmediate(() => setImmediate(() => process.kill(process.pid, 'SIGKILL')));
  return {
    pid: process.pid,
    order,
    requestId: context.awsRequestId,
    functionName: context.functionName,
    loadedAt,
    remainingMilliseconds: context.getRemainingTimeInMillis(),
    reportedAt: Date.now(),
    colour: process.env['COLOUR'],
  };
}
