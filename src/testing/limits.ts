import { setImmediate } from 'node:timers/promises';
import { it } from 'vitest';
import { repeated } from './repeated.ts';
import { largest, type Sample } from './samples.ts';
import { sourceOf, streamOf, type Source } from './source.ts';
import { attempt, type Subject } from './subject.ts';
import { TIMEOUT } from './timeout.ts';

/** Large enough that a conversion of content in memory takes long. */
const WHOLE_BYTES = 16 * 1024 * 1024;

/** Registers the tests of a conversion's limits. */
export function testLimits(subject: Subject, samples: readonly [Sample, ...Sample[]]): void {
  const { code, limits } = subject.rule;
  const sample = largest(samples);

  it('refuses a source over the size limit with source.too_large', TIMEOUT, async () => {
    const { key, bytes } = sample;
    const ending = await attempt(subject, sourceOf(key, bytes), { limits: { bytes: bytes.byteLength - 1 } });
    if (!('error' in ending) || ending.error.code !== 'source.too_large')
      throw new Error(`expected source.too_large, got ${'error' in ending ? ending.error.code : 'results'}`);
  });

  it('stops at its time limit', TIMEOUT, async () => {
    const bytes = Math.min(limits.bytes, WHOLE_BYTES);
    let isOver = false;
    const source = code.streams ? endless(sample, () => isOver) : whole(sample, bytes);
    try {
      await attempt(subject, source, { limits: { seconds: 1, bytes: Number.MAX_SAFE_INTEGER } });
    } finally {
      isOver = true;
    }
  });
}

function whole(sample: Sample, bytes: number): Source {
  return sourceOf(sample.key, Buffer.concat([...repeated(sample, bytes)]));
}

function endless(sample: Sample, isOver: () => boolean): Source {
  async function* chunks() {
    for (const chunk of repeated(sample, Infinity)) {
      if (isOver()) return;
      // A fast reader would otherwise starve the event loop.
      await setImmediate();
      yield chunk;
    }
  }
  return streamOf(sample.key, sample.bytes.byteLength, chunks());
}
