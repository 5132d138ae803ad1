import * as z from 'zod';
import { COMMAND_LIMITS, createSdkClient } from '../../core/sdk-client.ts';
import { readCloudWatchAlarm } from '../../ops/alarm.ts';
import type { ReadAlarm } from './run-drill.ts';
import type { Connection } from '../connection.ts';
import { CommandError, EXIT } from '../exit-codes.ts';

const localSchema = z.object({ 'dead-letters': z.enum(['ok', 'alarm']) });

/** Calls `run` with a function that reads the alarm on dead letters, in CloudWatch or the local pipeline. */
export async function withAlarm<T>(
  { localUrl, deployment }: Connection,
  run: (readAlarm: ReadAlarm) => Promise<T>,
): Promise<T> {
  if (localUrl !== undefined) {
    return run(async () => {
      const answer = await fetch(`${localUrl}/alarms`, {
        signal: AbortSignal.timeout(COMMAND_LIMITS.idle),
      });
      if (!answer.ok)
        throw new CommandError(EXIT.unreachable, `${localUrl}/alarms responded with status ${answer.status}`);
      return localSchema.parse(await answer.json())['dead-letters'];
    });
  }
  const name = deployment.deadLetterAlarm;
  if (name === undefined) return run(() => Promise.resolve(undefined));
  const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
  const cloudWatch = createSdkClient(CloudWatchClient, {}, COMMAND_LIMITS);
  try {
    return await run(() => readCloudWatchAlarm(cloudWatch, name));
  } finally {
    cloudWatch.destroy();
  }
}
