import { REDRIVE_LIMITS } from '../../core/redrive-limits.ts';
import { startMoveTask } from '../../ops/redrive/move-task.ts';
import { newRecord, openRecord } from '../../ops/redrive/record.ts';
import { messageOf } from '../../core/message-of.ts';
import type { Connection } from '../connection.ts';
import { hint, printJson } from '../output.ts';
import { describeRequest, type RedriveOptions } from './options.ts';
import { currentUser } from '../../ops/current-user.ts';

/** Starts an SQS move task for the whole queue, which continues after this command ends. */
export async function handOver(pipeline: Connection, options: RedriveOptions): Promise<void> {
  const record = newRecord({
    state: 'handed over',
    who: currentUser(),
    why: options.reason,
    what: describeRequest(options),
  });
  const kept = await openRecord(pipeline, record);
  try {
    await startMoveTask(pipeline, options.rate);
  } catch (error) {
    await kept.update({ state: 'failed', reason: messageOf(error) });
    throw error;
  }
  if (options.json) printJson({ type: 'summary', id: record.id, state: 'handed over' });
  else {
    hint(
      `SQS moves all dead letters to the retry queue, at most ${options.rate ?? REDRIVE_LIMITS.rate} per second`,
    );
    hint('to see its progress: millrace redrive status; to stop it: millrace redrive cancel --yes');
  }
}
