import { SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { DEFAULT_RECIPE, type Recipe } from '../../src/core/recipe.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import type { Bench } from './worker.ts';

/** Operations on a local AWS. */
export function opsOf({ s3, sqs, resources }: Bench, recipe: Recipe = DEFAULT_RECIPE): OpsContext {
  return { s3, sqs, deployment: localDeployment('', resources, recipe) };
}

/** Sends messages, ten at a time. */
export async function sendAll(
  { sqs }: Pick<OpsContext, 'sqs'>,
  QueueUrl: string,
  entries: readonly Omit<SendMessageBatchRequestEntry, 'Id'>[],
): Promise<void> {
  for (let begin = 0; begin < entries.length; begin += 10) {
    const Entries = entries.slice(begin, begin + 10).map((entry, index) => ({ Id: String(index), ...entry }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** A dead letter as the worker sends it. */
export function letterOf(key: string, code: string, message = `because of ${code}`) {
  return {
    MessageBody: dirtyMessage({ bucket: 'uploads', key }),
    MessageAttributes: {
      code: { DataType: 'String', StringValue: code },
      message: { DataType: 'String', StringValue: message },
      attempts: { DataType: 'Number', StringValue: '1' },
    },
  };
}
