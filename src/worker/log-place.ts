import type { Context } from 'aws-lambda';
import type { Config } from './config.ts';

/** Where an invocation's log lines are, as failure reports name it. */
export interface LogPlace {
  requestId: string;
  logGroup: string;
  logStream: string;
}

export function logPlace(context: Context, config: Pick<Config, 'logGroup' | 'logStream'>): LogPlace {
  return { requestId: context.awsRequestId, logGroup: config.logGroup, logStream: config.logStream };
}
