import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { decoderVersions } from '../../scripts/build/functions.ts';
import { licensesOf } from '../../scripts/build/licenses.ts';

it('the licenses of the decoders include those of the libraries in them', async () => {
  const decoders = await decoderVersions();
  const licenses = await licensesOf([], Object.keys(decoders));
  for (const text of [
    `@hyzyla/pdfium ${decoders['@hyzyla/pdfium']} (MIT)`,
    'Copyright 2014 The PDFium Authors',
    'Apache License',
    `libheif-js ${decoders['libheif-js']} (LGPL-3.0)`,
    'GNU LESSER GENERAL PUBLIC LICENSE',
  ])
    expect(licenses).toContain(text);
});

it('the license of PDFium is that of the version in use', async () => {
  // After an update, compare the file with PDFium's license and its list of libraries.
  const { '@hyzyla/pdfium': version } = await decoderVersions();
  expect(await readFile('scripts/build/pdfium-license.txt', 'utf8')).toContain(`@hyzyla/pdfium ${version} `);
});

it('packages with the same license share its text, and each is named with its license', async () => {
  const licenses = await licensesOf([], ['@aws-sdk/client-s3', '@aws-sdk/client-sqs', 'lazy']);
  expect(licenses).toMatch(
    /^@aws-sdk\/client-s3 \S+ \(Apache-2\.0\)\n@aws-sdk\/client-sqs \S+ \(Apache-2\.0\)\n\n/,
  );
  expect(licenses.match(/TERMS AND CONDITIONS/g)).toHaveLength(2);
  expect(licenses).toMatch(/^lazy \S+ \(MIT\)$/m);
});
