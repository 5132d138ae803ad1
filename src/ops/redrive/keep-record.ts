import type { Time } from '../time.ts';
import type { RedriveRecord } from './record.ts';
import type { OpenRecord } from './record-store.ts';

const RECORD_MILLISECONDS = 2000;

/** Writes the record now and then, and hears there whether somebody cancels. */
export function keepRecord(
  kept: OpenRecord,
  change: () => Partial<RedriveRecord>,
  { cancel, fail }: { cancel(): void; fail(reason: string): void },
  onWritten: () => void,
  time: Time,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const running = (async () => {
    for (;;) {
      await time.wait(RECORD_MILLISECONDS, stopped.signal);
      if (stopped.signal.aborted) return;
      if (await kept.update(change())) cancel();
      onWritten();
    }
  })();
  const heard = running.catch((error: unknown) => fail(`its record could not be kept: ${String(error)}`));
  return {
    async stop() {
      stopped.abort();
      await heard;
    },
  };
}
