import type { S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { EventQueue } from '@millrace/local-aws/lambda';
import { failureKey } from '../../core/keys.ts';
import { resultKeys } from '../../core/result-keys.ts';
import { parseNotification } from '../../core/notification.ts';
import type { ObjectRef } from '../../core/object-ref.ts';
import type { Recipe } from '../../core/recipe.ts';
import { resultNamesOf } from '../../core/rules.ts';
import { objectsOf, reasonFor, reasonIn, type Reason } from '../../ops/dead-letters/reason.ts';
import { readReport, type PipelineBuckets } from '../../ops/object-status.ts';

export type Ended = { kind: 'converted'; resultKeys: string[] } | ({ kind: 'failed' } & Reason);

/**
 * Watches for the outcome of each conversion in a private pipeline: receives the buckets' events from the completion
 * queue, and consumes the dead-letter queue.
 */
export interface ConversionWatch {
  /** Waits for the outcome of an upload. Call it before the upload, so that no notification is missed. */
  expect(object: ObjectRef): Promise<Ended>;
  /** Stops waiting for an object whose upload failed. */
  forget(object: ObjectRef): void;
  stop(): Promise<void>;
}

interface WatchDeps {
  s3: S3Client;
  sqs: SQSClient;
  completions: EventQueue;
  buckets: PipelineBuckets;
  /** URL. */
  deadLetterQueue: string;
  recipe: Recipe;
}

interface Expected {
  object: ObjectRef;
  keys: string[];
  missing: Set<string>;
  end(ended: Ended): void;
  fail(error: unknown): void;
}

export function watchConversions({
  s3,
  sqs,
  completions,
  buckets,
  deadLetterQueue,
  recipe,
}: WatchDeps): ConversionWatch {
  const namespace = { uploadBuckets: buckets.uploadBuckets, ...resultNamesOf(recipe) };
  const byResultKey = new Map<string, Expected>();
  const byFailureKey = new Map<string, Expected>();
  const stopping = new AbortController();

  const polling = [takeStored(), pollDeadLetters()];

  async function takeStored(): Promise<void> {
    try {
      while (!stopping.signal.aborted) {
        await completions.waitForMessages(stopping.signal);
        const records = completions.receive(10);
        for (const { body } of records) await onStored(body);
        completions.delete(records);
      }
    } catch (error) {
      failAll(error);
    }
  }

  function failAll(error: unknown): void {
    for (const expected of byFailureKey.values()) expected.fail(error);
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
      if (!stopping.signal.aborted) failAll(error);
    }
  }

  async function onStored(body: string): Promise<void> {
    const notification = parseNotification(body);
    if (notification.kind !== 'objects') return;
    for (const { bucket, key } of notification.objects) {
      if (bucket === buckets.resultBucket) onResult(key);
      else await onReport(key);
    }
  }

  function onResult(key: string): void {
    const expected = byResultKey.get(key);
    if (expected === undefined) return;
    expected.missing.delete(key);
    if (expected.missing.size === 0) end(expected, { kind: 'converted', resultKeys: expected.keys });
  }

  async function onReport(key: string): Promise<void> {
    const expected = byFailureKey.get(key);
    if (expected === undefined) return;
    const report = await readReport(s3, buckets.failureBucket, key);
    if (report?.status !== 'failed') return;
    end(expected, { kind: 'failed', ...reasonIn(report) });
  }

  async function onDeadLetter(message: Message): Promise<void> {
    for (const object of objectsOf(message)) {
      const expected = byFailureKey.get(failureKey(object, namespace));
      if (expected !== undefined)
        end(expected, { kind: 'failed', ...(await reasonFor(message, object, s3, buckets)) });
    }
  }

  function end(expected: Expected, ended: Ended): void {
    remove(expected);
    expected.end(ended);
  }

  function remove({ object, keys }: Expected): void {
    for (const key of keys) byResultKey.delete(key);
    byFailureKey.delete(failureKey(object, namespace));
  }

  return {
    forget(object) {
      const expected = byFailureKey.get(failureKey(object, namespace));
      if (expected !== undefined) remove(expected);
    },
    expect(object) {
      return new Promise<Ended>((resolve, reject) => {
        const keys = resultKeys(object, namespace);
        const expected = { object, keys, missing: new Set(keys), end: resolve, fail: reject };
        for (const key of keys) byResultKey.set(key, expected);
        byFailureKey.set(failureKey(object, namespace), expected);
      });
    },
    async stop() {
      stopping.abort();
      await Promise.all(polling);
    },
  };
}

async function deleteAll(sqs: SQSClient, QueueUrl: string, messages: Message[]): Promise<void> {
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
}
