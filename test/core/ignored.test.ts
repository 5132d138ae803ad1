import { describe, expect, it } from 'vitest';
import { ignoringNames, ignoringUploads, DEFAULT_IGNORED } from '../../src/core/ignored.ts';
import { fc } from '../support/fuzz.ts';

const isLitter = (path: string) => ignoringNames(DEFAULT_IGNORED)(path);

describe('a file that operating systems leave behind', () => {
  it.each([
    '.DS_Store',
    'a/b/.DS_Store',
    '._photo.jpg',
    'a/._',
    'Thumbs.db',
    'thumbs.db',
    'a/Desktop.ini',
    '._a\nb',
  ])('is %j', (path) => expect(isLitter(path)).toBe(true));

  it.each([
    'a.jpg',
    '.DS_Store.jpg',
    'my.DS_Store',
    'xDS_Store',
    '.DS_Store/a.jpg',
    '._a/b.jpg',
    'Thumbs.db.png',
    '.hidden.png',
    '_.jpg',
    '.DS_Store/',
    '',
  ])('is not %j', (path) => expect(isLitter(path)).toBe(false));

  it('depends only on the name, in any folder', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (folder, name) => {
        const last = name.replaceAll('/', '');
        expect(isLitter(`${folder}/${last}`)).toBe(isLitter(last));
        expect(isLitter(`${folder}/._${last}`)).toBe(true);
      }),
    );
  });
});

describe('a pattern', () => {
  it.each([
    ['*.txt', 'a/NOTES.TXT', true],
    ['*.txt', 'a.txt/b', false],
    ['a?c', 'a😀c', true],
    ['a?c', 'ac', false],
    ['***', 'x', true],
    ['ÄÖ', 'äö', true],
  ])('%j matches %j: %j', (pattern, path, matches) => expect(ignoringNames([pattern])(path)).toBe(matches));

  it('without wildcards matches only itself, whatever characters it contains', () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1 })
      .map((text) => text.replaceAll(/[/*?]/g, '.'))
      .filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(name, name, (pattern, other) => {
        expect(ignoringNames([pattern])(`a/${pattern}`)).toBe(true);
        expect(ignoringNames(['*' + pattern])(other + pattern)).toBe(true);
        expect(ignoringNames([pattern])(`${pattern}x`)).toBe(false);
      }),
    );
  });

  it('is required: an empty list ignores nothing', () => {
    for (const path of ['', 'a/', '.DS_Store']) expect(ignoringNames([])(path)).toBe(false);
  });
});

describe('an upload with nothing to convert', () => {
  const isIgnored: ReturnType<typeof ignoringUploads> = (upload) => ignoringUploads(DEFAULT_IGNORED)(upload);

  it.each([
    ['a folder/', 0, true],
    ['/', 0, true],
    ['a folder/', 1, false],
    ['a file', 0, false],
    ['a/.DS_Store', 6148, true],
  ])('%j of %i bytes: %j', (key, bytes, ignored) => expect(isIgnored({ key, bytes })).toBe(ignored));

  it('is a folder placeholder even if no name is ignored', () => {
    expect(ignoringUploads([])({ key: 'a/', bytes: 0 })).toBe(true);
  });
});
