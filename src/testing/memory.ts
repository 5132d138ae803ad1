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
/** Of the larger of both sources, unless the conversion takes less. */
const LARGE_BYTES = 128 * MEBIBYTE;
/** How much larger one source is than the other. */
const TIMES = 4;
/** How often memory is looked at while a source is read. */
const LOOKS = 8;
/** Of what the larger source has more, how much the conversion may hold more: an index of its results, say. */
const LIVE_SHARE = 1 / 8;
const LIVE_NOISE_BYTES = 4 * MEBIBYTE;
/** The same for all memory of the process. It shows what JavaScript does not know of, but less exactly. */
const RESIDENT_SHARE = 1 / 4;
const RESIDENT_NOISE_BYTES = 32 * MEBIBYTE;
/** Unmeasured conversions before the first that counts: compiled code and a grown heap stay in the process's memory. */
const WARM_UPS = 2;
const SECONDS = 600;

/** Registers the test that a conversion that streams does not hold its source. */
export function testMemory(
  subject: Subject,
  samples: readonly [Sample, ...Sample[]],
  large: (bytes: number) => Chunks = (bytes) => repeated(largest(samples), bytes),
): void {
  it('needs no more memory for a large source', TIMEOUT, async () => {
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
          `it needs ${inMebibytes(more)} more memory for a source of ${inMebibytes(most)} than for one of ` +
            `${inMebibytes(less)}: read source.stream() and make results in chunks, or leave out \`streams\``,
        );
    };
    compare('live', Math.max(LIVE_NOISE_BYTES, (most - less) * LIVE_SHARE));
    compare('resident', Math.max(RESIDENT_NOISE_BYTES, (most - less) * RESIDENT_SHARE));
  });
}

/** Memory in use, in bytes. */
interface Memory {
  /** All that JavaScript refers to. What it does not has been collected, so that it is no noise. */
  live: number;
  /** All memory of the process. */
  resident: number;
}

/** Returns the most memory that is in use while a source is converted. */
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
  // The first collection may leave buffers to be freed by the second.
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
