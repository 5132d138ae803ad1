import type { SQSRecord } from 'aws-lambda';
import type { Queues } from './queues.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * Sends records that an earlier invocation failed to process to the retry queue, before anything is decoded: one of
 * them may have killed that invocation, and in the retry queue each is processed alone.
 *
 * Sends the records, then deletes them. A crash in between causes a duplicate, never a loss.
 * @returns the message ids of records that could not be sent, to be reported as failed
 */
export type Forward = (records: SQSRecord[]) => Promise<string[]>;

export function createForward(queues: Queues, telemetry: Telemetry): Forward {
  return async function forward(records) {
    if (records.length === 0) return [];
    const { sent, error } = await queues.forwardToRetry(records);
    if (sent.size > 0) telemetry.count('Forwarded', sent.size);
    if (sent.size < records.length) {
      telemetry.warn(
        'not all could be forwarded to the retry queue',
        { sent: sent.size, of: records.length },
        error,
      );
    }
    try {
      await queues.deleteFromConversion(records.filter(({ messageId }) => sent.has(messageId)));
    } catch (failure) {
      telemetry.warn('forwarded records could not be deleted: they come again', {}, failure);
    }
    return records.map(({ messageId }) => messageId).filter((id) => !sent.has(id));
  };
}
