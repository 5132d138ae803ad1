import { setTimeLimit } from './time-limit.ts';

/** Allows a file's tests half an hour each, because they take minutes even on an idle machine. */
export function takesLong(): void {
  setTimeLimit(1_800_000);
}
