import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';

/** What Lambda invokes with a batch of messages. The answer names those that have to come again. */
export type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
