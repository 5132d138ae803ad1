import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { failureReportSchema, type FailureReport } from '../../src/core/failure-report.ts';
import { startPipeline } from '../../src/local/pipeline.ts';
import type { PipelineOptions } from '../../src/local/pipeline-options.ts';
import type { Pipeline } from '../../src/local/pipeline-types.ts';
import { eventually } from './eventually.ts';

/** A pipeline in this process, and clients that use it over HTTP. */
export interface TestPipeline extends Pipeline {
  s3: S3Client;
  sqs: SQSClient;
  notices: string[];
}

export async function startTestPipeline(options: Partial<PipelineOptions> = {}): Promise<TestPipeline> {
  const notices: string[] = [];
  const pipeline = await startPipeline({
    port: 0,
    awsPort: 0,
    recipe: DEFAULT_RECIPE,
    concurrency: 2,
    onNotice: (text) => void notices.push(text),
    ...options,
  });
  const { s3, sqs } = clientsOf(pipeline.awsUrl);
  return { ...pipeline, s3, sqs, notices };
}

/** With enough retries for the faults in some tests. */
export function clientsOf(awsUrl: string): { s3: S3Client; sqs: SQSClient } {
  const config = { ...localClientConfig(awsUrl), maxAttempts: 10 };
  const sqs = new SQSClient(config);
  if (process.env['SHORT_POLLS'] === 'true') pollShortly(sqs);
  return { s3: new S3Client({ ...config, forcePathStyle: true }), sqs };
}

/** Makes a client not wait for messages: a mutant's tests would spend most of their time waiting for empty queues. */
export function pollShortly(sqs: SQSClient): void {
  sqs.middlewareStack.add(
    (next, { commandName }) =>
      (args) =>
        next(
          commandName === 'ReceiveMessageCommand'
            ? { ...args, input: { ...args.input, WaitTimeSeconds: 0 } }
            : args,
        ),
    { step: 'initialize', priority: 'low' },
  );
}

export async function listKeys(s3: S3Client, Bucket: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

export async function read(s3: S3Client, Bucket: string, Key: string) {
  try {
    const {
      Body,
      Metadata = {},
      ContentType,
      VersionId,
    } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    return { bytes, metadata: Metadata, contentType: ContentType, versionId: VersionId };
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

export async function readReport(s3: S3Client, Key: string): Promise<FailureReport | undefined> {
  const object = await read(s3, 'failures', Key);
  return object === undefined ? undefined : failureReportSchema.parse(JSON.parse(object.bytes.toString()));
}

/** A queue's messages: visible, in flight and delayed. */
export async function countMessages(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  const counts = [
    Attributes.ApproximateNumberOfMessages,
    Attributes.ApproximateNumberOfMessagesNotVisible,
    Attributes.ApproximateNumberOfMessagesDelayed,
  ];
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

/** Resolves when both lanes are idle. */
export async function untilQuiet({ sqs, queues }: Pick<TestPipeline, 'sqs' | 'queues'>): Promise<void> {
  await eventually('both queues are empty', async () => {
    const [conversion, retry] = await Promise.all([
      countMessages(sqs, queues.conversion),
      countMessages(sqs, queues.retry),
    ]);
    return conversion + retry === 0;
  });
}

/** Receives all dead letters, which stay hidden for their queue's visibility timeout. */
export async function deadLetters({ sqs, queues }: Pick<TestPipeline, 'sqs' | 'queues'>): Promise<Message[]> {
  const found = new Map<string, Message>();
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queues.deadLetter,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return [...found.values()];
    for (const message of Messages) found.set(message.MessageId ?? '', message);
  }
}
