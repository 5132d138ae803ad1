import type { Context } from 'aws-lambda';
import type { Config } from './config.ts';

/** Where to find an invocation's log lines. Failure reports contain it. */
export interface LogLocation {
  requestId: string;
  logGroup: string;
  logStream: string;
}

export function logLocation(context: Context, config: Pick<Config, 'logGroup' | 'logStream'>): LogLocation {
  return { requestId: context.awsRequestId, logGroup: config.logGroup, logStream: config.logStream };
}
