import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BENCHMARKS } from '../../bench/benchmarks.ts';
import { parseArguments } from '../../bench/frame/arguments.ts';
import type { Benchmark } from '../../bench/frame/benchmark.ts';
import { chooseBenchmarks } from '../../bench/frame/choose.ts';
import { withRow } from '../../bench/frame/document.ts';
import { cellsOf, jsonLine, textLine } from '../../bench/frame/format.ts';
import { cameraPhoto } from '../../bench/frame/photo.ts';
import { photosIn } from '../../bench/frame/photos.ts';
import { inTurn, ratioOf } from '../../bench/frame/statistics.ts';

const benchmark = (id: string): Benchmark => ({
  id,
  workload: `work ${id}`,
  baseline: 'less',
  run: () => Promise.resolve([]),
});

describe('a ratio', () => {
  test('is the ratio of the medians, with the spread of the rounds', () => {
    expect(ratioOf([2, 9, 4], [2, 3, 1])).toStrictEqual({ value: 2, spread: [1, 4] });
  });

  test('requires the same number of rounds of both sides', () => {
    expect(() => ratioOf([1, 2], [1])).toThrow('expected the same number of rounds, got 2 and 1');
    expect(() => ratioOf([], [])).toThrow('got 0 and 0');
  });

  test('compares sides that run alternately, without the warm-up', async () => {
    const ran: string[] = [];
    let count = 0;
    const side = (name: string) => () => {
      ran.push(name);
      count += 1;
      return count;
    };
    expect(await inTurn(2, { ours: side('ours'), theirs: side('theirs') })).toStrictEqual({
      ours: [3, 5],
      theirs: [4, 6],
    });
    expect(ran).toStrictEqual(['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs']);
  });
});

describe('a measurement', () => {
  test('is printed as a JSON line with its target and whether it is met', () => {
    const line = jsonLine('B1', { value: 1.0567, spread: [1, 1.2345], target: { atMost: 1.1 } });
    expect(JSON.parse(line)).toStrictEqual({
      id: 'B1',
      ratio: 1.06,
      spread: [1, 1.23],
      target: 1.1,
      met: true,
    });
  });

  test('meets an upper or a lower bound, depending on the target', () => {
    const met = (value: number, target: { atMost: number } | { atLeast: number }) =>
      (JSON.parse(jsonLine('B1', { value, target })) as { met: boolean }).met;
    expect([met(2, { atMost: 1 }), met(1, { atMost: 1 }), met(2, { atLeast: 1 })]).toStrictEqual([
      false,
      true,
      true,
    ]);
    expect(met(0.5, { atLeast: 1 })).toBe(false);
  });

  test('is compared with its target before rounding', () => {
    expect(jsonLine('B1', { value: 1.1004, target: { atMost: 1.1 } })).toContain('"met":false');
  });

  test('is printed with its name and unit', () => {
    expect(textLine('B6', { name: 'fetched', value: 1650.4, unit: 'B', target: { atMost: 0 } })).toBe(
      'B6 fetched: 1650 B, target ≤ 0 B: missed',
    );
    expect(textLine('B7', { value: 2 })).toBe('B7 2 ×');
  });
});

describe('the document', () => {
  const document = [
    'Before.',
    '| # | workload | baseline | target | measured | command | machine |',
    '| - | - | - | - | - | - | - |',
    '| B2 | old | - | - | - | - | - |',
    '| B10 | other | - | - | - | - | - |',
    '',
    'After | this.',
  ].join('\n');
  const cells = (id: string) => [...cellsOf(benchmark(id), [{ value: 1 }]), 'command', 'machine'];

  test('replaces a row of the same benchmark, and writing it again changes nothing', () => {
    const written = withRow(document, cells('B2'));
    expect(written).not.toContain('old');
    expect(written.split('\n')).toHaveLength(document.split('\n').length);
    expect(withRow(written, cells('B2'))).toBe(written);
  });

  test('has rows ordered by number, and keeps all other text', () => {
    const lines = withRow(document, cells('B9')).split('\n');
    expect(lines.map((line) => line.split(' ')[1])).toStrictEqual([
      undefined,
      '#',
      '-',
      'B2',
      'B9',
      'B10',
      undefined,
      '|',
    ]);
  });

  test('is refused without the table', () => {
    expect(() => withRow('nothing', cells('B2'))).toThrow('the document has no table');
  });
});

describe('the command line', () => {
  test('accepts ids and options', () => {
    expect(parseArguments(['b1', 'B4', '--json', '--no-write', '--size', 'full'])).toStrictEqual({
      ids: ['B1', 'B4'],
      photos: undefined,
      json: true,
      size: 'full',
      write: false,
    });
  });

  test('lists the sizes if one is unknown', () => {
    expect(() => parseArguments(['--size', 'huge'])).toThrow('expected quick, default, full; got huge');
  });

  test('runs all benchmarks without ids, and only the named ones with ids', () => {
    const all = ['B1', 'B2', 'B4'].map(benchmark);
    expect(chooseBenchmarks(all, [])).toStrictEqual(all);
    expect(chooseBenchmarks(all, ['B4']).map(({ id }) => id)).toStrictEqual(['B4']);
  });

  test('lists the benchmarks if one is unknown', () => {
    expect(() => chooseBenchmarks(['B1', 'B2'].map(benchmark), ['B3', 'B1'])).toThrow(
      'unknown benchmark B3; expected B1, B2',
    );
  });

  test('selects each benchmark by a unique id', () => {
    const ids = BENCHMARKS.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });
});

describe('photos', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('must exist in the folder', async () => {
    await expect(photosIn(folder)).rejects.toThrow(
      `no photos in ${folder}: expected files with the extensions`,
    );
  });

  test('are identical each time they are generated, and as large as those of a camera', async () => {
    const photo = await cameraPhoto(3);
    expect(photo.equals(await cameraPhoto(3))).toBe(true);
    expect(photo.byteLength).toBeGreaterThan(3_000_000);
    expect(photo.byteLength).toBeLessThan(5_000_000);
  });
});
