import { ArnFormat, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { alarmDescription, alarmsOf, type AlarmId } from '../src/core/alarms.ts';
import type { ConversionPipeline } from './conversion-pipeline.ts';
import { createDashboard } from './dashboard.ts';
import { alarmMetrics, type AlarmMetric } from './metrics.ts';
import { showAlarm } from './api-function.ts';
import { idsInStack } from './names.ts';
import { checkProperties } from './checked-properties.ts';
import { addOutput } from './outputs.ts';
import type { UploadApi } from './upload-api.ts';

export interface MonitoringProps {
  readonly pipeline: ConversionPipeline;
  /** Shows the state of the dead-letter alarm. @default none: the API's alarms are left out */
  readonly api?: UploadApi;
  /** Email address for alarms. @default none: subscribe to `topic` */
  readonly alarmEmail?: string;
  /** Where the documents are: a URL, or a folder. @default the folder `docs` */
  readonly docs?: string;
}

/** The alarms in `src/core/alarms.ts`, their topic, and a dashboard. */
export class Monitoring extends Construct {
  readonly topic: Topic;
  readonly alarms: ReadonlyMap<AlarmId, Alarm>;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    checkProperties(props);
    const { pipeline, api, alarmEmail, docs = 'docs' } = props;
    this.topic = createTopic(this);
    if (alarmEmail !== undefined) this.topic.addSubscription(new EmailSubscription(alarmEmail));

    const alarms = alarmsOf(pipeline.timing);
    const prefix = [Stack.of(this).stackName, ...idsInStack(this, 'Monitoring')].join('-');
    const action = new SnsAction(this.topic);
    this.alarms = new Map(
      (Object.entries(alarmMetrics(pipeline, api?.api)) as [AlarmId, AlarmMetric][]).map(
        ([alarmId, metric]) => {
          const { threshold, periodSeconds, periods } = alarms[alarmId];
          const alarm = new Alarm(this, alarmId, {
            alarmName: `${prefix}-${alarmId}`,
            alarmDescription: alarmDescription(alarmId, alarms[alarmId], docs),
            metric: metric(Duration.seconds(periodSeconds)),
            threshold,
            comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluationPeriods: periods,
            treatMissingData: TreatMissingData.NOT_BREACHING,
          });
          alarm.addAlarmAction(action);
          alarm.addOkAction(action);
          return [alarmId, alarm];
        },
      ),
    );
    const deadLetterAlarm = `${prefix}-${'dead-letters' satisfies AlarmId}`;
    addOutput(pipeline, this, 'deadLetterAlarm', deadLetterAlarm);
    if (api !== undefined) showAlarm(api.function, deadLetterAlarm);
    createDashboard(this, pipeline, [...this.alarms.values()]);
  }
}

/** Encrypted with a separate key, because CloudWatch cannot use the AWS managed key of SNS. */
function createTopic(scope: Construct): Topic {
  const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com');
  const ours = {
    StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    ArnLike: {
      'aws:SourceArn': Stack.of(scope).formatArn({
        service: 'cloudwatch',
        resource: 'alarm',
        resourceName: `${Stack.of(scope).stackName}-*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    },
  };
  const key = new Key(scope, 'TopicKey', {
    description: 'Encrypts what alarms say',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsPublish',
      principals: [cloudWatch],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: ours,
    }),
  );
  const topic = new Topic(scope, 'Topic', {
    displayName: 'Millrace alarms',
    masterKey: key,
    enforceSSL: true,
  });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsPublish',
      principals: [cloudWatch],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: ours,
    }),
  );
  return topic;
}
