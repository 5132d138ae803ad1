import * as z from 'zod';
import { AwsError } from '../../aws-error.ts';
import { action, queueOf, queueUrl, type Action } from '../action.ts';
import { describeSettings } from '../attributes.ts';
import type { QueueState } from '../queue.ts';

const tags = z.record(z.string(), z.string());
const page = { MaxResults: z.int().min(1).max(1000).optional(), NextToken: z.string().optional() };

/** Returns a page of a list. The token is the position of the next page. */
function paged<T>(
  items: T[],
  { MaxResults = 1000, NextToken = '0' }: { MaxResults?: number | undefined; NextToken?: string | undefined },
) {
  const begin = Number(NextToken);
  if (!Number.isInteger(begin) || begin < 0)
    throw new AwsError('InvalidParameterValue', 400, 'NextToken is not valid.');
  const end = begin + MaxResults;
  return { items: items.slice(begin, end), next: end < items.length ? { NextToken: String(end) } : {} };
}

function attributesOf(queue: QueueState): Record<string, string> {
  const { visible, inFlight, delayed } = queue.counts();
  return {
    ...describeSettings(queue.settings),
    QueueArn: queue.arn,
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
}

const KNOWN_ATTRIBUTES = new Set(
  (
    'All QueueArn CreatedTimestamp LastModifiedTimestamp ApproximateNumberOfMessages ' +
    'ApproximateNumberOfMessagesNotVisible ApproximateNumberOfMessagesDelayed DelaySeconds ' +
    'MaximumMessageSize MessageRetentionPeriod ReceiveMessageWaitTimeSeconds VisibilityTimeout ' +
    'RedrivePolicy RedriveAllowPolicy Policy SqsManagedSseEnabled KmsMasterKeyId ' +
    'KmsDataKeyReusePeriodSeconds FifoQueue ContentBasedDeduplication'
  ).split(' '),
);

export const queueActions = {
  CreateQueue: action(
    z.strictObject({
      QueueName: z.string(),
      Attributes: z.record(z.string(), z.string()).default({}),
      tags: tags.default({}),
    }),
    ({ QueueName, Attributes, tags: given }, { model, urlOf }) => ({
      QueueUrl: urlOf(model.createQueue(QueueName, Attributes, given)),
    }),
  ),

  DeleteQueue: action(z.strictObject({ QueueUrl: queueUrl }), ({ QueueUrl }, { model }) => {
    model.deleteQueue(queueOf(QueueUrl, model));
    return {};
  }),

  ListQueues: action(
    z.strictObject({ QueueNamePrefix: z.string().default(''), ...page }),
    (input, { model, urlOf }) => {
      const named = model.queues().filter(({ name }) => name.startsWith(input.QueueNamePrefix));
      const { items, next } = paged(named, input);
      return { QueueUrls: items.map(urlOf), ...next };
    },
  ),

  GetQueueUrl: action(
    z.strictObject({ QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() }),
    ({ QueueName, QueueOwnerAWSAccountId: owner }, { model, urlOf }) => {
      const queue = model.queue(QueueName);
      if (owner !== undefined && queue.arn.split(':')[4] !== owner) {
        throw new AwsError(
          'QueueDoesNotExist',
          400,
          `There is no queue ${QueueName} of the account ${owner}.`,
        );
      }
      return { QueueUrl: urlOf(queue) };
    },
  ),

  GetQueueAttributes: action(
    z.strictObject({ QueueUrl: queueUrl, AttributeNames: z.array(z.string()).default([]) }),
    ({ QueueUrl, AttributeNames }, { model }) => {
      const unknown = AttributeNames.find((name) => !KNOWN_ATTRIBUTES.has(name));
      if (unknown !== undefined)
        throw new AwsError('InvalidAttributeName', 400, `Unknown Attribute ${unknown}.`);
      const shown = Object.entries(attributesOf(queueOf(QueueUrl, model)));
      const all = AttributeNames.includes('All');
      return {
        Attributes: Object.fromEntries(shown.filter(([name]) => all || AttributeNames.includes(name))),
      };
    },
  ),

  SetQueueAttributes: action(
    z.strictObject({ QueueUrl: queueUrl, Attributes: z.record(z.string(), z.string()) }),
    ({ QueueUrl, Attributes }, { model }) => {
      model.setAttributes(queueOf(QueueUrl, model), Attributes);
      return {};
    },
  ),

  PurgeQueue: action(z.strictObject({ QueueUrl: queueUrl }), ({ QueueUrl }, { model }) => {
    model.purge(queueOf(QueueUrl, model));
    return {};
  }),

  ListDeadLetterSourceQueues: action(
    z.strictObject({ QueueUrl: queueUrl, ...page }),
    (input, { model, urlOf }) => {
      const { arn } = queueOf(input.QueueUrl, model);
      const sources = model.queues().filter(({ settings }) => settings.redrive?.deadLetterTargetArn === arn);
      const { items, next } = paged(sources, input);
      return { queueUrls: items.map(urlOf), ...next };
    },
  ),

  ListQueueTags: action(z.strictObject({ QueueUrl: queueUrl }), ({ QueueUrl }, { model }) => ({
    Tags: queueOf(QueueUrl, model).tags,
  })),

  TagQueue: action(z.strictObject({ QueueUrl: queueUrl, Tags: tags }), ({ QueueUrl, Tags }, { model }) => {
    const queue = queueOf(QueueUrl, model);
    model.setTags(queue, { ...queue.tags, ...Tags });
    return {};
  }),

  UntagQueue: action(
    z.strictObject({ QueueUrl: queueUrl, TagKeys: z.array(z.string()) }),
    ({ QueueUrl, TagKeys }, { model }) => {
      const queue = queueOf(QueueUrl, model);
      model.setTags(
        queue,
        Object.fromEntries(Object.entries(queue.tags).filter(([name]) => !TagKeys.includes(name))),
      );
      return {};
    },
  ),
} satisfies Record<string, Action>;
