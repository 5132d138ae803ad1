import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';

/** Handles a batch of messages. The response names the messages to receive again. */
export type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
