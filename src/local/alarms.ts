import type { Clock } from '@millrace/local-aws/models';
import type { Alarm } from '../core/alarms.ts';

/** The local pipeline's alarm, as in CloudWatch on AWS: dead letters are waiting. */
export interface LocalAlarms {
  /** Returns each alarm's state, by its id. */
  states(): { 'dead-letters': 'ok' | 'alarm' };
  stop(): void;
}

interface AlarmsDeps {
  clock: Clock;
  /** The alarm on dead letters. */
  alarm: Alarm;
  /** Returns the number of dead letters, including those that a reader has hidden. */
  waitingDeadLetters(): number;
  /** Called when an alarm goes off. */
  onAlarm(text: string): void;
}

/** Shorter than CloudWatch's period, so that local alarms go off quickly. */
const POLL_MILLISECONDS = 1000;

export function watchAlarms({ clock, alarm, waitingDeadLetters, onAlarm }: AlarmsDeps): LocalAlarms {
  let state: 'ok' | 'alarm' = 'ok';
  let stopped = false;

  function look(): void {
    if (stopped) return;
    const next = waitingDeadLetters() > alarm.threshold ? 'alarm' : 'ok';
    if (next === 'alarm' && state === 'ok')
      onAlarm(`alarm dead-letters: ${alarm.summary}; see them with \`millrace dlq\``);
    state = next;
    clock.after(POLL_MILLISECONDS, look);
  }

  look();
  return { states: () => ({ 'dead-letters': state }), stop: () => void (stopped = true) };
}
