import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { noJournal } from '../../src/journal.ts';
import { eventQueue } from '../../src/lambda/event-queue.ts';
import { SECOND, setUp } from '../sqs/model.ts';

function sourceQueue(attributes: Record<string, string> = {}) {
  const { clock, sqs } = setUp();
  const queue = sqs.createQueue('q', attributes, {});
  return { clock, sqs, queue, events: eventQueue(sqs, noJournal, queue.arn, 'us-east-1') };
}

describe("an event source's view of a queue", () => {
  it('provides records in Lambda’s format', () => {
    const { clock, sqs, queue, events } = sourceQueue();
    const { id } = sqs.send(queue, {
      body: 'é',
      traceHeader: 'Root=1',
      groupId: 'tenant',
      attributes: {
        text: { DataType: 'String', StringValue: 'a' },
        count: { DataType: 'Number', StringValue: '1' },
        json: { DataType: 'String.json', StringValue: '{}' },
        bytes: { DataType: 'Binary', BinaryValue: 'AQID' },
      },
    });
    const sentAt = clock.now();
    clock.advance(3 * SECOND);
    const lists = { stringListValues: [], binaryListValues: [] };
    expect(events.receive(10)).toEqual([
      {
        messageId: id,
        receiptHandle: expect.any(String),
        body: 'é',
        md5OfBody: createHash('md5').update('é').digest('hex'),
        attributes: {
          ApproximateReceiveCount: '1',
          ApproximateFirstReceiveTimestamp: String(sentAt + 3 * SECOND),
          SentTimestamp: String(sentAt),
          SenderId: expect.any(String),
          AWSTraceHeader: 'Root=1',
          MessageGroupId: 'tenant',
        },
        messageAttributes: {
          text: { dataType: 'String', stringValue: 'a', ...lists },
          count: { dataType: 'Number', stringValue: '1', ...lists },
          json: { dataType: 'String', stringValue: '{}', ...lists },
          bytes: { dataType: 'Binary', binaryValue: 'AQID', ...lists },
        },
        eventSource: 'aws:sqs',
        eventSourceARN: queue.arn,
        awsRegion: 'us-east-1',
      },
    ]);
  });

  it("names a dead letter's source queue", () => {
    const { sqs, queue, events } = sourceQueue();
    const policy = JSON.stringify({ deadLetterTargetArn: queue.arn, maxReceiveCount: 1 });
    const source = sqs.createQueue('source', { RedrivePolicy: policy }, {});
    sqs.send(source, { body: 'a' });
    sqs.receive(source, 1, 0);
    sqs.receive(source, 1);
    const [record] = events.receive(1);
    expect(record?.attributes).toMatchObject({
      DeadLetterQueueSourceArn: source.arn,
      ApproximateReceiveCount: '2',
    });
  });

  it('hides messages in flight, and leaves alone those that another consumer has received since', () => {
    const { clock, sqs, queue, events } = sourceQueue({ VisibilityTimeout: '10' });
    sqs.send(queue, { body: 'a' });
    const late = events.receive(1);
    clock.advance(10 * SECOND);
    const inTime = events.receive(1);
    events.hide(late, 0);
    events.delete(late);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    events.hide(inTime, 5);
    clock.advance(5 * SECOND);
    expect(queue.visible()).toBe(1);
    events.delete(inTime);
    expect(queue.visible()).toBe(0);
  });

  it('requires that the queue exists', () => {
    const { sqs } = sourceQueue();
    expect(() => eventQueue(sqs, noJournal, 'arn:aws:sqs:us-east-1:0:nowhere', 'us-east-1')).toThrow(
      'there is no queue arn:aws:sqs:us-east-1:0:nowhere',
    );
  });
});
