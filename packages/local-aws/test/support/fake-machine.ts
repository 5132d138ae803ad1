import type { Machine } from '../../src/clock.ts';

/** A machine whose clocks a test controls. */
export interface FakeMachine extends Machine {
  /** Advances both clocks. */
  pass(milliseconds: number): void;
  /** Sets the clock, forward or back. */
  jump(milliseconds: number): void;
}

export function fakeMachine(start = Date.UTC(2026, 0, 1)): FakeMachine {
  let wall = start;
  let elapsed = 0;
  return {
    wall: () => wall,
    elapsed: () => elapsed,
    pass(milliseconds) {
      wall += milliseconds;
      elapsed += milliseconds;
    },
    jump: (milliseconds) => void (wall += milliseconds),
  };
}
