import type { S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { EventQueue } from '@millrace/local-aws/lambda';
import { parseNotification } from '../../core/notification.ts';
import { objectsOf, reasonFor } from '../../ops/dead-letters/reason.ts';
import { readReport, type PipelineBuckets } from '../../ops/object-status.ts';
import type { ExpectedFiles } from './expected-files.ts';

interface WatchDeps {
  s3: S3Client;
  sqs: SQSClient;
  /** The events of failure reports. */
  completions: EventQueue;
  buckets: PipelineBuckets;
  /** URL. */
  deadLetterQueue: string;
  files: Pick<ExpectedFiles, 'fail' | 'abandon'>;
}

/**
 * Ends the files that a private pipeline could not convert: receives the events of failure reports, and consumes the
 * dead-letter queue.
 * @returns a function that stops it
 */
export function watchFailures(deps: WatchDeps): () => Promise<void> {
  const { s3, sqs, completions, buckets, deadLetterQueue, files } = deps;
  const stopping = new AbortController();
  const polling = [takeReports(), pollDeadLetters()];

  async function takeReports(): Promise<void> {
    try {
      while (!stopping.signal.aborted) {
        await completions.waitForMessages(stopping.signal);
        const records = completions.receive(10);
        for (const { body } of records) await onStored(body);
        completions.delete(records);
      }
    } catch (error) {
      files.abandon(error);
    }
  }

  async function pollDeadLetters(): Promise<void> {
    const receive = new ReceiveMessageCommand({
      QueueUrl: deadLetterQueue,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 20,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    try {
      while (!stopping.signal.aborted) {
        const { Messages = [] } = await sqs.send(receive, { abortSignal: stopping.signal });
        for (const message of Messages) await onDeadLetter(message);
        if (Messages.length > 0) await deleteAll(sqs, deadLetterQueue, Messages);
      }
    } catch (error) {
      if (!stopping.signal.aborted) files.abandon(error);
    }
  }

  async function onStored(body: string): Promise<void> {
    const notification = parseNotification(body);
    if (notification.kind !== 'objects') return;
    for (const { bucket, key } of notification.objects) {
      const report = bucket === buckets.failureBucket ? await readReport(s3, bucket, key) : undefined;
      if (report?.status === 'failed') files.fail(report.key, report.code, report.message);
    }
  }

  async function onDeadLetter(message: Message): Promise<void> {
    for (const object of objectsOf(message)) {
      const { code, message: text } = await reasonFor(message, object, s3, buckets);
      files.fail(object.key, code, text);
    }
  }

  return async () => {
    stopping.abort();
    await Promise.all(polling);
  };
}

async function deleteAll(sqs: SQSClient, QueueUrl: string, messages: Message[]): Promise<void> {
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
}
