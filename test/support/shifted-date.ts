/** Sets this process's clock. Timers and `performance` are not affected. */
export interface ShiftedDate {
  jump(milliseconds: number): void;
  restore(): void;
}

export function shiftDate(): ShiftedDate {
  const Real = globalThis.Date;
  let offset = 0;
  const now = () => Real.now() + offset;
  globalThis.Date = new Proxy(Real, {
    construct: (target, given: []) => (given.length === 0 ? new target(now()) : new target(...given)),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });
  return {
    jump: (milliseconds) => void (offset += milliseconds),
    restore: () => void (globalThis.Date = Real),
  };
}
