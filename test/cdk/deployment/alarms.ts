import { readFileSync } from 'node:fs';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { NOTHING_CONVERTS, TIME_TO_DRAIN } from '../../../cdk/queue-math.ts';
import { alarmDescription, alarmsOf, type AlarmId } from '../../../src/core/alarms.ts';
import { SETTINGS } from '../../../src/core/settings.ts';
import { resource, resourcesOf, statementsOf } from '../resources.ts';
import { EVERYTHING, synthesize } from '../synthesize.ts';
import { TIMING } from '../../support/timing.ts';

const ALARMS = alarmsOf(TIMING);

const alarmsIn = (template: Template) =>
  resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, alarm]) => alarm);
/** Returns a function that finds an alarm in the template by its id. */
function alarmOf(template: Template) {
  const alarms = alarmsIn(template);
  return (id: AlarmId) => alarms.find(({ AlarmName }) => AlarmName === `millrace-${id}`) ?? {};
}
const ids = Object.keys(ALARMS) as AlarmId[];

describe('alarms', () => {
  it('are those in the list, with its thresholds and periods', () => {
    const template = synthesize();
    const alarms = alarmsIn(template);
    const alarm = alarmOf(template);
    expect(new Set(alarms.map(({ AlarmName }) => AlarmName))).toEqual(
      new Set(ids.map((id) => `millrace-${id}`)),
    );
    expect(alarms).toHaveLength(ids.length);
    for (const id of ids) {
      expect(alarm(id), id).toMatchObject({
        Threshold: ALARMS[id].threshold,
        EvaluationPeriods: ALARMS[id].periods,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      });
      const periods = JSON.stringify(alarm(id)).matchAll(/"Period":(\d+)/g);
      expect(new Set([...periods].map(([, seconds]) => Number(seconds))), id).toEqual(
        new Set([ALARMS[id].periodSeconds]),
      );
    }
  });

  it('link to headings in the runbook', () => {
    const alarm = alarmOf(synthesize());
    for (const id of ids) {
      const [, link = ''] = String(alarm(id)['AlarmDescription']).match(/What to do: (\S+)$/) ?? [];
      const [file = '', heading = ''] = link.split('#');
      expect(readFileSync(file, 'utf8'), id).toContain(`\n## ${heading}\n`);
      expect(heading).toBe(id);
    }
  });

  it("link to the documents' location", () => {
    expect(alarmDescription('worker-slow', ALARMS['worker-slow'], 'https://docs.example/millrace/')).toMatch(
      / What to do: https:\/\/docs\.example\/millrace\/runbook\.md#worker-slow$/,
    );
  });

  it('watch the metrics that their names state', () => {
    const alarm = alarmOf(synthesize());
    const metric = (id: AlarmId) => {
      const { Namespace, MetricName, Statistic, ExtendedStatistic, Dimensions } = alarm(id);
      const [{ Value = {} } = {}] = Dimensions as { Value?: unknown }[];
      const of = /(?:"Ref":|"Fn::GetAtt":\[)"(\w+?)[0-9A-F]{8}"/.exec(JSON.stringify(Value))?.[1];
      return [Namespace, MetricName, Statistic ?? ExtendedStatistic, of].join(' ');
    };
    const { 'nothing-converts': _expression, ...simple } = ALARMS;
    expect(
      Object.fromEntries((Object.keys(simple) as (keyof typeof simple)[]).map((id) => [id, metric(id)])),
    ).toEqual({
      'dead-letters': 'AWS/SQS ApproximateNumberOfMessagesVisible Maximum PipelineDeadLetterQueue',
      'dead-letters-expiring': 'Millrace OldestDeadLetterSeconds Maximum PipelineExpiryGuard',
      'dead-letters-archived': 'Millrace Archived Sum PipelineExpiryGuard',
      'guard-errors': 'AWS/Lambda Errors Sum PipelineExpiryGuard',
      'reconcile-errors': 'AWS/Lambda Errors Sum PipelineReconciler',
      'reconcile-found': 'Millrace QueuedByReconciliation Sum PipelineReconciler',
      'conversion-backlog': 'AWS/SQS ApproximateAgeOfOldestMessage Maximum PipelineConversionQueue',
      'retry-backlog': 'AWS/SQS ApproximateAgeOfOldestMessage Maximum PipelineRetryQueue',
      'worker-errors': 'AWS/Lambda Errors Sum PipelineWorker',
      'worker-throttles': 'AWS/Lambda Throttles Sum PipelineWorker',
      'worker-slow': 'AWS/Lambda Duration p99 PipelineWorker',
      'api-errors': 'AWS/ApiGateway 5xx Sum ApiHttpApi',
    });
    const metrics = JSON.stringify(alarm('nothing-converts')['Metrics']);
    expect(metrics).toContain(JSON.stringify(NOTHING_CONVERTS));
    for (const [id, namespace, name, statistic] of [
      ['arrived', 'AWS/SQS', 'NumberOfMessagesSent', 'Sum'],
      ['visible', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum'],
      ['hidden', 'AWS/SQS', 'ApproximateNumberOfMessagesNotVisible', 'Maximum'],
      ['converted', 'Millrace', 'Converted', 'Sum'],
      ['current', 'Millrace', 'Current', 'Sum'],
    ] as const)
      expect(alarm('nothing-converts')['Metrics']).toContainEqual(
        expect.objectContaining({
          Id: id,
          MetricStat: expect.objectContaining({
            Metric: expect.objectContaining({ Namespace: namespace, MetricName: name }),
            Stat: statistic,
          }),
        }),
      );
  });

  it('leave time to act before a dead letter is archived, which happens before it is deleted', () => {
    const { threshold, periodSeconds } = ALARMS['dead-letters-expiring'];
    expect(SETTINGS.archiveAfterSeconds - threshold - periodSeconds).toBeGreaterThan(86_400);
    expect(SETTINGS.deadLetterRetentionSeconds - SETTINGS.archiveAfterSeconds).toBeGreaterThan(86_400);
  });

  it('cover no more days than CloudWatch allows', () => {
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: Period
    for (const [id, { periodSeconds, periods }] of Object.entries(ALARMS))
      expect(periodSeconds * periods, id).toBeLessThanOrEqual(periodSeconds < 3600 ? 86_400 : 604_800);
  });

  it('do not fire for a single object that kills its process', () => {
    expect(ALARMS['worker-errors'].threshold).toBeGreaterThanOrEqual(1 + SETTINGS.maxReceiveCount);
  });
});

describe('the alarm topic', () => {
  it('receives every alarm and its end, and notifies the address in the settings', () => {
    const template = synthesize();
    const alarm = alarmOf(template);
    for (const id of ids) {
      const topic = [{ Ref: expect.stringMatching(/^MonitoringTopic[0-9A-F]{8}$/) }];
      expect(alarm(id), id).toMatchObject({ AlarmActions: topic, OKActions: topic });
    }
    expect(resourcesOf(template, 'AWS::SNS::Subscription')).toEqual([]);
    expect(resourcesOf(synthesize(EVERYTHING), 'AWS::SNS::Subscription')[0]?.[1]).toMatchObject({
      Protocol: 'email',
      Endpoint: 'operators@photos.example',
    });
  });

  it('is encrypted with a key that CloudWatch may use, and lets CloudWatch publish', () => {
    const template = synthesize();
    const key = resource(template, 'AWS::KMS::Key', 'MonitoringTopicKey');
    const topic = resource(template, 'AWS::SNS::Topic', 'MonitoringTopic');
    expect(JSON.stringify(topic['KmsMasterKeyId'])).toContain('MonitoringTopicKey');
    expect(key['EnableKeyRotation']).toBe(true);
    const [[, policy] = ['', {}]] = resourcesOf(template, 'AWS::SNS::TopicPolicy');
    const cloudWatch = { Service: 'cloudwatch.amazonaws.com' };
    expect(statementsOf({ KeyPolicy: key['KeyPolicy'] })).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: cloudWatch,
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      }),
    );
    expect(statementsOf(policy)).toContainEqual(
      expect.objectContaining({ Effect: 'Allow', Principal: cloudWatch, Action: 'sns:Publish' }),
    );
  });
});

describe('the dashboard', () => {
  it('shows the alarms, arrivals, outcomes, failures by code, time to drain and cost', () => {
    const [[, { DashboardBody }] = ['', {} as { DashboardBody?: unknown }]] = resourcesOf(
      synthesize(),
      'AWS::CloudWatch::Dashboard',
    );
    const body = JSON.stringify(DashboardBody);
    const titles = [...body.matchAll(/\\"title\\":\\"([^\\]+)\\"/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'Alarms',
      'Arrivals',
      'Outcomes',
      'Failures by code',
      'Dead letters',
      'Time to drain',
      'Cost of 1,000 objects',
      'Invocations',
      'Duration',
    ]);
    expect(body).toContain(TIME_TO_DRAIN);
    expect(body).toMatch(/SEARCH\('\{Millrace,code,service\} MetricName=/);
  });
});
