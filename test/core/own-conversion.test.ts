import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { defineConfig } from '../../src/core/config.ts';
import { InvalidRecipe } from '../../src/core/invalid-recipe.ts';
import { defineConversion } from '../../src/core/own-conversion.ts';
import { wholeContent } from '../../src/worker/conversion/content.ts';
import { renderImage } from '../../src/worker/conversion/image/render-image.ts';
import { readyRules } from '../../src/worker/conversion/rules.ts';
import { runConversion } from '../../src/worker/conversion/run.ts';
import { createScratch } from '../../src/worker/conversion/scratch.ts';

/** Runs a conversion that JavaScript allows, whatever its types say. */
async function run(convert: () => unknown) {
  const csv = defineConversion({ name: 'csv', convert: async () => convert() as never });
  const { recipe } = defineConfig({ conversions: [{ conversion: csv }] });
  const rule = readyRules(recipe, new Map([['csv', csv]]))('a.csv');
  const content = wholeContent(Buffer.from('a'));
  const of = { key: 'a.csv', bytes: 1, stamp: 'v1.0', renditions: ['csv'], scratch: createScratch() };
  return runConversion(rule, { ...of, content, renderImage });
}

const RIGHT = { rendition: 'csv', body: Buffer.from('x'), contentType: 'text/csv' };
const BODIES = 'expected a Uint8Array, an async iterable of them, or { file: path }';

it.each<[string, unknown, string]>([
  ['nothing', undefined, 'it returned undefined; expected a list of results'],
  [
    'one result without a list',
    RIGHT,
    'it returned an object of the class Object; expected a list of results',
  ],
  ['a list without results', [undefined], 'result 0 is undefined; expected an object'],
  ['nothing among its results', [RIGHT, null], 'result 1 is null; expected an object'],
  [
    'a rendition that it does not have',
    [RIGHT, { ...RIGHT, rendition: 'tsv' }],
    'it returned the rendition tsv, which it does not declare; declared: csv',
  ],
  ['an empty list', [], 'it was asked for the rendition csv, and made nothing'],
  ['a result twice', [RIGHT, RIGHT], 'it was asked for the rendition csv, and made csv, csv'],
  [
    'a file that does not exist',
    [{ ...RIGHT, body: { file: '/nowhere/x' } }],
    "the result csv: its file cannot be read: ENOENT: no such file or directory, open '/nowhere/x'",
  ],
  [
    'a folder',
    [{ ...RIGHT, body: { file: tmpdir() } }],
    `the result csv: its file ${tmpdir()} is not a regular file`,
  ],
  ['no metadata', [{ ...RIGHT, metadata: null }], 'the result csv: its metadata is null; expected an object'],
  ['a text', [{ ...RIGHT, body: 'x' }], `the result csv: its body is a string; ${BODIES}`],
  ['no body', [{ ...RIGHT, body: undefined }], `the result csv: its body is undefined; ${BODIES}`],
  [
    'another class',
    [{ ...RIGHT, body: new ArrayBuffer(1) }],
    `the result csv: its body is an object of the class ArrayBuffer; ${BODIES}`,
  ],
  [
    'no content type',
    [{ rendition: 'csv', body: RIGHT.body }],
    'the result csv: its content type is undefined; expected one like text/csv',
  ],
  [
    'metadata that S3 cannot store',
    [{ ...RIGHT, metadata: { city: 'Zürich' } }],
    'the result csv: its metadata city is "Zürich"; expected an ASCII string',
  ],
])('a conversion that returns %s fails with what was expected', async (_what, made, message) => {
  await expect(run(() => made)).rejects.toMatchObject({
    name: 'Retryable',
    code: 'internal.unexpected',
    message: `the conversion csv: ${message}`,
  });
});

it('a conversion whose disk is full fails with the folder, and is tried again', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const failed = run(() => {
    throw full;
  });
  await expect(failed).rejects.toMatchObject({
    name: 'Retryable',
    code: 'disk.full',
    message: `the disk of ${tmpdir()} is full: ENOSPC: no space left on device, write`,
  });
});

it('a conversion may use metadata named like an inherited object property', async () => {
  const [result] = await run(() => [{ ...RIGHT, metadata: { constructor: 'Gehry' } }]);
  expect(result?.metadata).toEqual({ constructor: 'Gehry' });
});

describe('the definition of a conversion', () => {
  const convert = async () => [];

  it.each<[object, string]>([
    [{}, 'convert: expected a function'],
    [{ convert, accepts: 'text/csv' }, 'accepts: expected a list of content types or a function'],
    [{ convert, renditions: 'csv' }, 'renditions: expected a list of names or a function that returns one'],
    [{ convert, options: { a: 1 } }, 'options: expected a zod schema'],
    [{ convert, stamped: 'yes' }, 'stamped: Invalid input: expected boolean, received string'],
    [{ convert, extention: 'csv' }, '(top level): Unrecognized key: "extention"'],
    [
      { convert, extension: '.csv' },
      'extension: expected an extension of 1 to 16 lower-case letters and digits',
    ],
  ])('is refused with its mistake: %o', (more, mistake) => {
    expect(() => defineConversion({ name: 'csv', ...more } as never)).toThrow(
      new InvalidRecipe(`the conversion csv: ${mistake}`),
    );
  });

  it.each([undefined, null, 'csv', {}])('is refused if it is %o', (definition) => {
    expect(() => defineConversion(definition as never)).toThrow(/^a conversion: /);
  });

  it('is refused with all its mistakes', () => {
    expect(() => defineConversion({ name: 'csv', accepts: 1, options: 1 } as never)).toThrow(
      /csv: accepts: .*\n.*csv: options: .*\n.*csv: convert: /,
    );
  });
});
