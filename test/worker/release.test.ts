import { describe, expect, it } from 'vitest';
import { defineConversion } from '../../src/core/conversion.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { IMAGE } from '../../src/core/rules.ts';
import { createMakeResults } from '../../src/worker/make-results.ts';
import { release } from '../../src/worker/release.ts';
import type { ReadyRule } from '../../src/worker/conversion/rules.ts';
import type { Storage } from '../../src/worker/storage.ts';
import type { Telemetry } from '../../src/worker/telemetry.ts';

/** What is left of a buffer of this length once it is released. */
const left = (bytes: number) => ('transfer' in ArrayBuffer.prototype ? 0 : bytes);

describe('releasing a buffer', () => {
  it('frees its memory at once, where Node can', () => {
    const whole = Buffer.alloc(100_000);
    release(whole);
    expect(whole.byteLength).toBe(left(100_000));
  });

  it('leaves memory that other buffers share', () => {
    const shared = Buffer.alloc(100_000, 1);
    release(shared.subarray(0, 10));
    expect(shared.every((byte) => byte === 1)).toBe(true);
    expect(shared.byteLength).toBe(100_000);
  });
});

describe('the content of an upload', () => {
  /** Converts an upload with a conversion that returns its source as the result. */
  async function convertBy(name: string) {
    const content = Buffer.alloc(100_000, 1);
    const code = defineConversion({
      name,
      convert: async ({ source }) => [
        { rendition: name, body: await source.content(), contentType: 'text/plain' },
      ],
    });
    const makeResults = createMakeResults({
      storage: {} as Storage,
      telemetry: { phase: (_name: string, run: () => unknown) => run() } as unknown as Telemetry,
    });
    const rule = { code, options: {}, limits: DEFAULT_RECIPE.limits } as unknown as ReadyRule;
    const opened = {
      identity: { etag: '"e"', lastModified: '' },
      metadata: {},
      bytes: content.byteLength,
      read: async () => content,
      stream: async function* () {},
      discard: () => undefined,
    };
    const target = { rendition: name, key: 'a', expected: 'absent' } as never;
    const making = { targets: [target], stamp: 's', scratch: {} as never };
    await makeResults({ bucket: 'uploads', key: 'a' }, rule, opened, making, (run) => run());
    return content;
  }

  it('is released once an image is converted', async () => {
    expect((await convertBy(IMAGE)).byteLength).toBe(left(100_000));
  });

  it('is left to conversions that may return it as their result', async () => {
    expect((await convertBy('copy')).every((byte) => byte === 1)).toBe(true);
    expect((await convertBy('copy')).byteLength).toBe(100_000);
  });
});
