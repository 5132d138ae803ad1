import { describe, expect, it } from 'vitest';
import { bytesOfPart, idOf, PART_BYTES, partsOf, readId } from '../../src/api/declared-size.ts';

describe('the id of a multipart upload', () => {
  it.each([1, 12_345])('contains the declared size of %i bytes and the id of S3', (size) => {
    const declared = { uploadId: 'S3.id=/+', size };
    expect(readId(idOf(declared), 12_345)).toEqual(declared);
  });

  it.each([
    '',
    '5',
    '5.',
    '.id',
    'x5.id',
    '-5.id',
    '0.id',
    '11.id',
    '5 .id',
    `${'9'.repeat(16)}.id`,
    '1e3.id',
  ])('is refused if it is not from this API, or declares more than the limit: %j', (id) => {
    expect(() => readId(id, 10)).toThrow('no such multipart upload');
  });
});

describe('the parts of a file', () => {
  it('have together exactly its bytes', () => {
    for (const size of [1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES]) {
      const parts = Array.from({ length: partsOf(size) }, (_, index) => bytesOfPart(index + 1, size));
      expect(parts.reduce((sum, bytes) => sum + bytes, 0)).toBe(size);
      expect(parts.slice(0, -1).every((bytes) => bytes === PART_BYTES)).toBe(true);
      expect(parts.at(-1)).toBeGreaterThan(0);
      expect(() => bytesOfPart(parts.length + 1, size)).toThrow(`${parts.length + 1} was not declared`);
    }
  });

  it('are counted in words', () => {
    expect(() => bytesOfPart(2, 1)).toThrow('make 1 part');
    expect(() => bytesOfPart(2, 1)).not.toThrow('parts');
    expect(() => bytesOfPart(3, PART_BYTES + 1)).toThrow('make 2 parts');
  });
});
