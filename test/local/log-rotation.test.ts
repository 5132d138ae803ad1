import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAuditLog } from '../../src/local/audit-log.ts';
import { rotateLogs, startLogRotation } from '../../src/local/log-rotation.ts';
import { cases, fc } from '../support/fuzz.ts';

const LIMITS = { bytes: 100, workerLogs: 5, auditLogs: 3 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

let time = Date.UTC(2026, 0, 1);
const rotate = (...open: string[]) => rotateLogs(folder, open, new Date((time += 1000)), LIMITS);
const names = () => readdirSync(folder).toSorted();
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const workerLog = (number: number) => `2026-01-01-${number.toString(16).padStart(32, '0')}.log`;

function write(name: string, text: string, age = 0): void {
  writeFileSync(join(folder, name), text);
  utimesSync(join(folder, name), 1_700_000_000 - age, 1_700_000_000 - age);
}

it("a running process's large log continues in the same file, with its earlier part beside it", () => {
  const name = workerLog(1);
  const log = openSync(join(folder, name), 'a');
  writeSync(log, 'x'.repeat(101));
  rotate(join(folder, name));
  writeSync(log, 'y\n');
  expect(read(`${name}.1`)).toBe('x'.repeat(101));
  expect(read(name)).toBe('y\n');
  rotate(join(folder, name));
  expect(read(name)).toBe('y\n');
  writeSync(log, 'z'.repeat(101));
  rotate(join(folder, name));
  expect(names()).toEqual([name, `${name}.1`]);
  expect(read(`${name}.1`)).toBe(`y\n${'z'.repeat(101)}`);
  closeSync(log);
});

it('the oldest logs are deleted if there are too many, but not those of running processes', () => {
  for (let number = 1; number <= 9; number += 1) write(workerLog(number), 'text', 100 - number);
  rotate(join(folder, workerLog(1)));
  expect(names()).toEqual([1, 5, 6, 7, 8, 9].map(workerLog));
});

it('the oldest logs are those that were written to least recently, whatever their names', () => {
  for (let number = 1; number <= 9; number += 1) write(workerLog(number), 'text', number);
  rotate();
  expect(names()).toEqual([1, 2, 3, 4, 5].map(workerLog));
});

it('the large audit log of a running pipeline is continued in a new file', () => {
  write('audit.log', 'x'.repeat(101));
  rotate(join(folder, 'audit.log'));
  expect(names()).toEqual([expect.stringMatching(/^audit-2026-01-01T[\d.Z-]+\.log$/)]);
  expect(read(names()[0] ?? '')).toHaveLength(101);
});

it('other files are kept', () => {
  const others = ['notes.log', 'photo.jpg', '2026-01-01.log'];
  for (const name of others) write(name, 'x'.repeat(1000), 1000);
  for (let number = 1; number <= 9; number += 1) write(workerLog(number), 'text', number);
  rotate();
  expect(names()).toEqual(expect.arrayContaining(others));
  for (const name of others) expect(read(name)).toHaveLength(1000);
});

it('the audit log keeps its last entries, in order, in a bounded number of files', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (rotations) => {
      for (const name of names()) await rm(join(folder, name));
      const audit = createAuditLog(folder);
      const written: string[] = [];
      for (const [index, rotates] of rotations.entries()) {
        const reason = `${index} ${'because '.repeat(8)}`;
        await audit({ reason } as unknown as Parameters<typeof audit>[0]);
        written.push(reason);
        if (rotates) rotate();
      }
      expect(names().length).toBeLessThanOrEqual(LIMITS.auditLogs);
      const kept = names()
        .flatMap((name) => read(name).trim().split('\n'))
        .map((line) => (JSON.parse(line) as { reason: string }).reason);
      expect(kept).toEqual(kept.length === 0 ? [] : written.slice(-kept.length));
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(written.length, LIMITS.auditLogs));
    }),
    { numRuns: cases(50) },
  );
});

it('an unreadable folder is reported once, and again after it was readable', () => {
  vi.useFakeTimers();
  try {
    const errors: unknown[] = [];
    rmSync(folder, { recursive: true });
    const stop = startLogRotation(
      folder,
      () => [],
      (error) => void errors.push(error),
    );
    vi.advanceTimersByTime(5 * 60_000);
    expect(errors).toHaveLength(1);
    mkdirSync(folder);
    vi.advanceTimersByTime(60_000);
    rmSync(folder, { recursive: true });
    vi.advanceTimersByTime(5 * 60_000);
    expect(errors).toHaveLength(2);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
