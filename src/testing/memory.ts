import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { it } from 'vitest';
import { repeated } from './repeated.ts';
import { largest, type Sample } from './samples.ts';
import { streamOf, type Chunks } from './source.ts';
import { attempt, converted, type Subject } from './subject.ts';
import { TIMEOUT } from './timeout.ts';

const MEBIBYTE = 1024 * 1024;
/** Size of the larger of the two sources, unless the conversion's limit is lower. */
const LARGE_BYTES = 128 * MEBIBYTE;
/** Ratio of the two sizes. */
const TIMES = 4;
/** Number of memory samples while a source is read. */
const LOOKS = 8;
/** Share of the difference in size that the conversion may keep in memory, for example for an index of its results. */
const LIVE_SHARE = 1 / 8;
const LIVE_NOISE_BYTES = 4 * MEBIBYTE;
/** The same for the process's resident memory, which includes memory outside JavaScript but is noisier. */
const RESIDENT_SHARE = 1 / 4;
const RESIDENT_NOISE_BYTES = 32 * MEBIBYTE;
/** Conversions before the measurement, because compiled code and a grown heap stay in the process's memory. */
const WARM_UPS = 2;
const SECONDS = 600;

/** Registers the test that a streaming conversion does not hold its source in memory. */
export function testMemory(
  subject: Subject,
  samples: readonly [Sample, ...Sample[]],
  large: (bytes: number) => Chunks = (bytes) => repeated(largest(samples), bytes),
): void {
  it('uses no more memory for a larger source', TIMEOUT, async () => {
    const most = Math.min(LARGE_BYTES, subject.rule.limits.bytes);
    const less = Math.floor(most / TIMES);
    const { key } = largest(samples);
    for (let run = 0; run < WARM_UPS; run++) await needed(subject, key, less, large);
    const small = await needed(subject, key, less, large);
    const big = await needed(subject, key, most, large);
    const compare = (what: keyof Memory, allowed: number) => {
      const more = big[what] - small[what];
      if (more > allowed)
        throw new Error(
          `it uses ${inMebibytes(more)} more memory for a source of ${inMebibytes(most)} than for one of ` +
            `${inMebibytes(less)}: read source.stream() and produce results in chunks, or remove \`streams\``,
        );
    };
    compare('live', Math.max(LIVE_NOISE_BYTES, (most - less) * LIVE_SHARE));
    compare('resident', Math.max(RESIDENT_NOISE_BYTES, (most - less) * RESIDENT_SHARE));
  });
}

/** Memory in use, in bytes. */
interface Memory {
  /** Memory that JavaScript refers to. Garbage is collected first, so it adds no noise. */
  live: number;
  /** All memory of the process. */
  resident: number;
}

/** Returns the peak memory while a source is converted. */
async function needed(
  subject: Subject,
  key: string,
  bytes: number,
  large: (bytes: number) => Chunks,
): Promise<Memory> {
  let most: Memory = { live: 0, resident: 0 };
  const look = async () => {
    const now = await inUse();
    most = { live: Math.max(most.live, now.live), resident: Math.max(most.resident, now.resident) };
  };
  async function* watched() {
    let sent = 0;
    for await (const chunk of large(bytes)) {
      const looks = Math.floor((sent * LOOKS) / bytes);
      sent += chunk.byteLength;
      yield chunk;
      if (Math.floor((sent * LOOKS) / bytes) > looks) await look();
    }
    await look();
  }
  const source = streamOf(key, bytes, watched());
  converted(await attempt(subject, source, { limits: { seconds: SECONDS, bytes: Infinity } }));
  return most;
}

async function inUse(): Promise<Memory> {
  collectGarbage();
  // The first collection may leave buffers that the second frees.
  await setImmediate();
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { live: heapUsed + external, resident: rss };
}

let collect: (() => void) | undefined;
function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

function inMebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}
