import { it } from 'vitest';
import { acceptedType } from '../worker/conversion/content.ts';
import { HEAD_BYTES } from '../worker/conversion/sniff.ts';
import { assertExtension } from './extension.ts';
import { assertSame } from './made.ts';
import type { Sample } from './samples.ts';
import { sourceOf } from './source.ts';
import { attempt, converted, type Subject } from './subject.ts';
import type { TemporaryFolder } from './temporary-folder.ts';
import { TIMEOUT } from './timeout.ts';

/** Stamps that differ at the beginning, at the end, and at both. */
const STAMPS = [
  '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY.1',
  '9sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY.1',
  '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY.2',
];
/** Makes chunks end within a line, and within a character. */
const SMALL_CHUNK_BYTES = 7;
const MOST_CHUNKS = 20_000;

/** Registers the tests of one sample. */
export function testSample(subject: Subject, sample: Sample, temporary: TemporaryFolder): void {
  const { code, renditions, options } = subject.rule;
  const { key, bytes } = sample;
  const source = (chunkBytes?: number) => sourceOf(key, Buffer.from(bytes), chunkBytes);
  const test = (name: string, run: () => Promise<void>) => it(name, TIMEOUT, run);

  test('is content that the conversion accepts', async () => {
    await acceptedType(code, bytes.subarray(0, HEAD_BYTES));
  });

  test(`becomes ${renditions.join(', ')}, each exactly once and storable in S3`, async () => {
    for (const result of converted(await attempt(subject, source())))
      assertExtension(result, code.extension?.(result.rendition, options));
  });

  test('produces the same results for the same stamp', async () => {
    const first = converted(await attempt(subject, source()));
    assertSame(converted(await attempt(subject, source())), first, 'the second time');
    const endings = await Promise.all([attempt(subject, source()), attempt(subject, source())]);
    for (const ending of endings) assertSame(converted(ending), first, 'when conversions run concurrently');
  });

  if (code.streams)
    test('produces the same results for any chunk boundaries', async () => {
      const first = converted(await attempt(subject, source()));
      const chunkBytes = Math.max(SMALL_CHUNK_BYTES, Math.ceil(bytes.byteLength / MOST_CHUNKS));
      const small = converted(await attempt(subject, source(chunkBytes)));
      assertSame(small, first, `in chunks of ${chunkBytes} bytes`);
    });

  if (code.stamped)
    test('produces different bytes for a different stamp', async () => {
      const seen = new Map<string, string>();
      for (const stamp of STAMPS)
        for (const { rendition, sha256 } of converted(await attempt(subject, source(), { stamp }))) {
          // Two renditions may be the same bytes, such as those of an image smaller than both.
          const result = `${rendition} ${sha256}`;
          const other = seen.get(result);
          if (other !== undefined)
            throw new Error(
              `the result ${rendition} has the same bytes for the stamps ${other} and ${stamp}; ` +
                'write the whole stamp into it, or remove `stamped`',
            );
          seen.set(result, stamp);
        }
    });

  if (renditions.length > 1)
    test('produces the same result if only one rendition is requested', async () => {
      const all = converted(await attempt(subject, source()));
      for (const rendition of renditions) {
        const alone = converted(await attempt(subject, source(), { renditions: [rendition] }));
        assertSame(alone, all, 'if requested alone');
      }
    });

  test('is not modified by the conversion', async () => {
    const given = Buffer.from(bytes);
    await attempt(subject, sourceOf(key, given));
    if (!given.equals(bytes)) throw new Error('the conversion modified the bytes of its source');
  });

  test('leaves nothing in the temporary folder', async () => {
    const before = temporary.list();
    await attempt(subject, source());
    const left = temporary.list().filter((name) => !before.includes(name));
    if (left.length > 0)
      throw new Error(`the conversion left ${left.join(', ')}; write to the folder that scratch() returns`);
  });
}
