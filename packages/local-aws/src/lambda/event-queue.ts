import type { SQSRecord } from 'aws-lambda';
import { defined } from '../defined.ts';
import type { Journal } from '../journal.ts';
import { md5, type MessageAttribute } from '../sqs/message.ts';
import type { SqsModel } from '../sqs/model.ts';
import type { Received } from '../sqs/model/receive.ts';
import type { EventQueue } from './event-source.ts';

/** Returns a local SQS queue for an event source: in process, with Lambda's records. */
export function eventQueue(sqs: SqsModel, journal: Journal, arn: string, region: string): EventQueue {
  const queue = sqs.queueByArn(arn);
  if (queue === undefined) throw new Error(`there is no queue ${arn}`);
  return {
    waitForMessages: (signal) => queue.waitForVisible(signal),
    receive: (max) => sqs.receive(queue, max).map((message) => recordOf(message, arn, region)),
    delete(records) {
      for (const { receiptHandle } of records) sqs.delete(queue, receiptHandle);
    },
    hide(records, seconds) {
      // All become visible at the same time, so that they are received as one batch again.
      const now = sqs.clock.now();
      for (const { receiptHandle } of records) {
        if (sqs.inFlight(queue, receiptHandle)) sqs.changeVisibility(queue, receiptHandle, seconds, now);
      }
    },
    flush: () => journal.flush(),
  };
}

function recordOf(message: Received, arn: string, region: string): SQSRecord {
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAt),
      SenderId: 'AIDALOCAL',
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
      ...defined({ DeadLetterQueueSourceArn: message.deadLetterSource }),
      ...defined({ AWSTraceHeader: message.traceHeader, MessageGroupId: message.groupId }),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, attribute]) => [name, lambdaAttribute(attribute)]),
    ),
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: region,
  };
}

function lambdaAttribute({
  DataType,
  StringValue,
  BinaryValue,
}: MessageAttribute): SQSRecord['messageAttributes'][string] {
  return {
    dataType: DataType === 'Number' || DataType === 'Binary' ? DataType : 'String',
    stringListValues: [],
    binaryListValues: [],
    ...defined({ stringValue: StringValue, binaryValue: BinaryValue }),
  };
}
