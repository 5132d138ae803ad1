import { describe, expect, it } from 'vitest';
import { isLitter } from '../../src/core/litter.ts';
import { fc } from '../support/fuzz.ts';

describe('litter', () => {
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
    '.DS_Store/a.jpg',
    '._a/b.jpg',
    'Thumbs.db.png',
    '.hidden.png',
    '_.jpg',
    '',
  ])('is not %j', (path) => expect(isLitter(path)).toBe(false));

  it('goes by the name alone, in whatever folder', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (folder, name) => {
        const last = name.replaceAll('/', '');
        expect(isLitter(`${folder}/${last}`)).toBe(isLitter(last));
        expect(isLitter(`${folder}/._${last}`)).toBe(true);
      }),
    );
  });
});
