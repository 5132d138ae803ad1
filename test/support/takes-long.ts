import { vi } from 'vitest';

/** Allows the tests of a file half an hour each: those that work for minutes even on an idle machine. */
export function takesLong(): void {
  vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 1_800_000 });
}
