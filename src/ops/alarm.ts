import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';

export type AlarmState = 'ok' | 'alarm' | 'insufficient data';

/** Returns the state of a CloudWatch alarm; undefined if it does not exist. */
export async function readCloudWatchAlarm(
  cloudWatch: CloudWatchClient,
  name: string,
): Promise<AlarmState | undefined> {
  const { DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  switch (MetricAlarms[0]?.StateValue) {
    case 'ALARM':
      return 'alarm';
    case 'OK':
      return 'ok';
    case 'INSUFFICIENT_DATA':
      return 'insufficient data';
    case undefined:
      return undefined;
  }
}
