import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendEvent } from '@millrace/local-aws/lambda';
import type { Context } from 'aws-lambda';

export interface Order {
  /** Exits while no caller waits, after the response. */
  dieLater?: boolean;
  /** Responds only when a file with this name exists. */
  waitFor?: string;
  throw?: string;
  /** Thrown where nobody catches it. */
  throwLater?: string;
  /** Sent as events before the response. */
  events?: string[];
  /** Starts a program that runs for an hour. */
  startProgram?: boolean;
}

/** When the process had loaded its code, in milliseconds since the epoch. */
const loadedAt = Date.now();

export interface Report {
  pid: number;
  /** Of the program that it started. */
  program: number | undefined;
  order: Order;
  requestId: string;
  functionName: string;
  remainingMilliseconds: number;
  loadedAt: number;
  reportedAt: number;
  colour: string | undefined;
}

/** A function that does what its event says, and returns information about itself. */
export async function handler(order: Order, context: Context): Promise<Report> {
  for (const event of order.events ?? []) sendEvent(event);
  if (order.throw !== undefined) throw new TypeError(order.throw);
  if (order.throwLater !== undefined) {
    const error = new TypeError(order.throwLater);
    setTimeout(() => {
      throw error;
    });
    await sleep(60_000);
  }
  while (order.waitFor !== undefined && !existsSync(order.waitFor)) await sleep(20);
  const program = order.startProgram === true ? spawn('sleep', ['3600'], { stdio: 'ignore' }).pid : undefined;
  if (order.dieLater === true) setImmediate(() => setImmediate(() => process.kill(process.pid, 'SIGKILL')));
  return {
    pid: process.pid,
    program,
    order,
    requestId: context.awsRequestId,
    functionName: context.functionName,
    loadedAt,
    remainingMilliseconds: context.getRemainingTimeInMillis(),
    reportedAt: Date.now(),
    colour: process.env['COLOUR'],
  };
}
