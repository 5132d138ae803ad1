import { vi } from 'vitest';

/** Allows a file's tests half an hour each, because they take minutes even on an idle machine. */
export function takesLong(): void {
  vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 1_800_000 });
}
