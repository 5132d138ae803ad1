import { describe, expect, it } from 'vitest';
import { contradictions } from './check.ts';
import type { KeyAtEnd, Operation } from './history.ts';

const put = (
  versionId: string,
  content: number | 'corrupt',
  begun: number,
  more: Partial<Operation> = {},
): Operation => ({
  key: 'k',
  kind: 'put',
  content,
  begun,
  ended: begun + 1,
  outcome: 'ok',
  versionId,
  ...more,
});
const HISTORY = [put('a', 1, 0), put('b', 2, 10)];
const END: KeyAtEnd = {
  key: 'k',
  uploads: ['a', 'b'],
  deleteMarkers: [],
  deleted: false,
  results: [{ sourceVersionId: 'a' }, { sourceVersionId: 'b', colour: 2 }],
  status: { status: 'converted' },
  deadLetters: [],
};
const check = (end: Partial<KeyAtEnd>, history = HISTORY) => contradictions(history, [{ ...END, ...end }]);

describe('a history', () => {
  it('of a correct pipeline has no contradictions', () => {
    expect(check({})).toEqual([]);
    expect(check({ results: [{ sourceVersionId: 'b', colour: 2 }] })).toEqual([]);
    expect(check({ results: [], deleteMarkers: ['c'], deleted: true })).toEqual([]);
  });

  it('may end without a delete marker that had no versions, but not without any other', () => {
    const removal = (begun: number): Operation => {
      return { key: 'k', kind: 'delete', begun, ended: begun + 1, outcome: 'ok', versionId: 'c' };
    };
    expect(check({}, [removal(-5), ...HISTORY])).toEqual([]);
    expect(check({}, [...HISTORY, removal(20)])).toEqual(['k: an acknowledged delete is lost: version c']);
  });

  it('may end with an upload whose client got no response', () => {
    const unknown: Operation = {
      key: 'k',
      kind: 'put',
      content: 3,
      begun: 20,
      ended: 21,
      outcome: 'unknown',
    };
    const uploads = ['a', 'b', 'c'];
    expect(check({ uploads, results: [{ sourceVersionId: 'c', colour: 3 }] }, [...HISTORY, unknown])).toEqual(
      [],
    );
    expect(
      check({ uploads, results: [{ sourceVersionId: 'c', colour: 2 }] }, [...HISTORY, unknown]),
    ).not.toEqual([]);
  });

  it.each<[string, Partial<KeyAtEnd>]>([
    [
      'an acknowledged put is lost: version b',
      { uploads: ['a'], results: [{ sourceVersionId: 'a', colour: 1 }] },
    ],
    ['version b came after a, and lies before it', { uploads: ['b', 'a'], results: [] }],
    ['version b was converted twice', { results: [...END.results, { sourceVersionId: 'b', colour: 2 }] }],
    ['the result went back to version a', { results: [...END.results, { sourceVersionId: 'a', colour: 1 }] }],
    ['a result derives from x, which is no upload', { results: [{ sourceVersionId: 'x' }, ...END.results] }],
    ['the result has the colour 1, and not 2', { results: [{ sourceVersionId: 'b', colour: 1 }] }],
    ['the latest upload has no result', { results: [{ sourceVersionId: 'a', colour: 1 }] }],
    ['it is converted, and its status is pending', { status: { status: 'pending' } }],
  ])('reports that %s', (what, end) => {
    expect(check(end)).toContain(`k: ${what}`);
  });

  it('requires the reason why a corrupt object failed', () => {
    const history = [put('a', 1, 0), put('b', 'corrupt', 10)];
    const results = [{ sourceVersionId: 'a', colour: 1 }];
    const failed = { status: { status: 'failed', code: 'image.corrupt' }, deadLetters: ['image.corrupt'] };
    expect(check({ results, ...failed }, history)).toEqual([]);
    expect(check({ results, ...failed, deadLetters: [] }, history)).toHaveLength(1);
    expect(check({ results, ...failed, status: { status: 'pending' } }, history)).toHaveLength(1);
  });

  it('must exist for every key', () => {
    expect(contradictions(HISTORY, [])).toHaveLength(2);
  });
});
