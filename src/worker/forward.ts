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
    let sent = new Set<string>();
    try {
      sent = await queues.forwardToRetry(records);
      telemetry.count('Forwarded', sent.size);
      await queues.deleteFromConversion(records.filter(({ messageId }) => sent.has(messageId)));
    } catch (error) {
      telemetry.warn('forwarding to the retry queue failed', { sent: sent.size, of: records.length }, error);
    }
    return records.map(({ messageId }) => messageId).filter((id) => !sent.has(id));
  };
}
