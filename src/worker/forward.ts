import type { SQSRecord } from 'aws-lambda';
import type { Queues } from './queues.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * Sends records that an earlier invocation died on, or failed to settle, to the retry queue, before anything of
 * them is decoded: what killed that invocation may be among them, and there it meets no neighbours.
 *
 * Sends, then deletes what was sent. A crash in between makes a duplicate, never a loss.
 * @returns the message ids that could not be sent, to be reported as failed
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
