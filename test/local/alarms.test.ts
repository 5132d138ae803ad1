import { beforeEach, describe, expect, it } from 'vitest';
import { alarmsOf } from '../../src/core/alarms.ts';
import { timingOf } from '../../src/core/timing.ts';
import { limitsOf } from '../../src/core/rules.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { watchAlarms } from '../../src/local/alarms.ts';
import { fakeClock, type FakeClock } from '../../packages/local-aws/test/support/fake-clock.ts';

const MINUTE = 60_000;
let clock: FakeClock;
let dead: number;
let notices: string[];
beforeEach(() => {
  clock = fakeClock();
  dead = 0;
  notices = [];
});

const watch = () =>
  watchAlarms({
    clock,
    alarm: alarmsOf(timingOf(limitsOf(DEFAULT_RECIPE)))['dead-letters'],
    waitingDeadLetters: () => dead,
    onAlarm: (text) => void notices.push(text),
  });

describe("the local pipeline's alarm on dead letters", () => {
  it('goes off once while there are any, and again after there were none', () => {
    const alarms = watch();
    clock.advance(MINUTE);
    expect([alarms.states()['dead-letters'], notices]).toEqual(['ok', []]);
    for (const times of [1, 2]) {
      dead = 1;
      clock.advance(MINUTE);
      dead = 5;
      clock.advance(MINUTE);
      expect(alarms.states()['dead-letters']).toBe('alarm');
      expect(notices).toHaveLength(times);
      dead = 0;
      clock.advance(MINUTE);
      expect(alarms.states()['dead-letters']).toBe('ok');
    }
    expect(notices[0]).toMatch(/^alarm dead-letters: .* see them with `millrace dlq`$/);
  });

  it('goes off at the start for those of an earlier run', () => {
    dead = 1;
    watch();
    expect(notices).toHaveLength(1);
  });

  it('does not go off once it is stopped', () => {
    watch().stop();
    dead = 1;
    clock.advance(MINUTE);
    expect(notices).toEqual([]);
  });
});
