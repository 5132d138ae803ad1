import { describe, expect, it } from 'vitest';
import {
  describeFilter,
  filterOfRequest,
  isUnfiltered,
  matches,
  matchesByMessage,
  type Filter,
} from '../../src/ops/dead-letters/filter.ts';
import { fc } from '../support/fuzz.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
const LETTER = {
  id: 'message',
  code: 'image.corrupt',
  sentAt: at(5),
  objects: ['photos/a.jpg', 'photos/b.jpg'].map((key) => ({ bucket: 'uploads', key })),
};

describe('a filter of dead letters', () => {
  it.each<[string, Filter, boolean]>([
    ['no condition', {}, true],
    ['its code', { code: 'image.corrupt' }, true],
    ['another code', { code: 'image.too_large' }, false],
    ['a prefix of its last key', { prefix: 'photos/b' }, true],
    ['text in the middle of its keys', { prefix: 'a.jpg' }, false],
    ['its last key', { key: 'photos/b.jpg' }, true],
    ['its message id as the key', { key: 'message' }, true],
    ['the beginning of its key', { key: 'photos/a' }, false],
    ['the time it was sent as the first', { since: at(5) }, true],
    ['a later time as the first', { since: at(6) }, false],
    ['the time it was sent as the last', { until: at(5) }, true],
    ['an earlier time as the last', { until: at(4) }, false],
    ['ids that include its own', { ids: new Set(['other', 'message']) }, true],
    ['ids of other messages', { ids: new Set(['other']) }, false],
    ['no ids at all', { ids: new Set() }, false],
  ])('with %s', (_case, filter, selects) => {
    expect(matches(LETTER, filter)).toBe(selects);
  });

  it('does not select a message without objects by a prefix or a key, only by its id', () => {
    const junk = { ...LETTER, objects: [] };
    expect(matches(junk, { prefix: '' })).toBe(false);
    expect(matches(junk, { key: 'photos/a.jpg' })).toBe(false);
    expect(matches(junk, { key: 'message' })).toBe(true);
  });

  it('selects what all of its conditions select', () => {
    const conditions: Filter[] = [
      { code: 'image.corrupt' },
      { code: 'other' },
      { prefix: 'photos/' },
      { prefix: 'videos/' },
      { key: 'message' },
      { key: 'other' },
      { since: at(5) },
      { since: at(6) },
      { until: at(5) },
      { until: at(4) },
      { ids: new Set(['message']) },
      { ids: new Set(['other']) },
    ];
    fc.assert(
      fc.property(fc.subarray(conditions), (some) => {
        const given = some.filter(
          (one, index) =>
            !some.slice(index + 1).some((other) => Object.keys(one)[0] === Object.keys(other)[0]),
        );
        const filter: Filter = Object.assign({}, ...given);
        expect(matches(LETTER, filter)).toBe(given.every((one) => matches(LETTER, one)));
      }),
    );
  });

  it('leaves the code open until the reason is known', () => {
    expect(matchesByMessage(LETTER, { code: 'image.too_large' })).toBe(true);
    expect(matchesByMessage(LETTER, { code: 'image.corrupt', key: 'other' })).toBe(false);
  });

  it('from a request has the same conditions', () => {
    expect(filterOfRequest({ code: 'a', prefix: 'b', key: 'c', since: at(5).toISOString() })).toEqual({
      code: 'a',
      prefix: 'b',
      key: 'c',
      since: at(5),
    });
    expect(filterOfRequest({})).toEqual({ since: undefined });
  });

  it.each<[Filter, string]>([
    [{}, 'all dead letters'],
    [{ code: 'image.corrupt' }, 'dead letters with code image.corrupt'],
    [
      { code: 'a', prefix: 'b/', since: at(5), key: 'c' },
      'dead letters with code a, prefix b/, since 2026-01-01T00:05:00.000Z, key c',
    ],
  ])('%j is described to the operator as "%s"', (filter, text) => {
    expect(describeFilter(filter)).toBe(text);
  });

  it('is no filter if it has no condition', () => {
    expect(isUnfiltered({})).toBe(true);
    expect(isUnfiltered({ code: undefined, since: undefined })).toBe(true);
    expect(isUnfiltered({ code: undefined, since: at(5) })).toBe(false);
    expect(isUnfiltered({ prefix: '' })).toBe(false);
  });
});
