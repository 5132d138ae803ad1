import type { SequenceHeader } from '../../src/worker/conversion/image/color/av1-sequence-header.ts';

/** A sequence header of AV1 with the fields before and between those that are read. */
export interface Av1Header extends SequenceHeader {
  profile: 0 | 1 | 2;
  /** The header of a still picture, which has few fields. */
  isReduced: boolean;
  /** The ticks per picture, and the number of zeros before that number in its code. */
  timing?: { ticks?: { zeros: number }; delayBits?: number } | undefined;
  points: readonly { level: number; hasDecoderModel: boolean; hasDelay: boolean }[];
  hasDelays: boolean;
  hasFrameIds: boolean;
  hasOrderHint: boolean;
  screenContent: 'chosen' | 'on' | 'off';
  choosesIntegers: boolean;
  /** Of all fields that the others do not depend on. */
  fill: 0 | 1;
}

/** Writes the fields in the order of the specification: https://aomediacodec.github.io/av1-spec, section 5.5. */
export function av1Header(header: Av1Header): Buffer {
  const bits: number[] = [];
  const put = (value: number | boolean, count: number) => {
    for (let bit = count - 1; bit >= 0; bit -= 1) bits.push(Math.floor(Number(value) / 2 ** bit) % 2);
  };
  const fill = (count: number) => put(header.fill * (2 ** count - 1), count);
  put(header.profile, 3);
  put(header.isReduced, 1);
  put(header.isReduced, 1);
  if (header.isReduced) fill(5);
  else operatingPoints(header, put, fill);
  put(15, 4);
  put(9, 4);
  put(header.width - 1, 16);
  put(header.height - 1, 10);
  if (!header.isReduced) put(header.hasFrameIds, 1);
  if (!header.isReduced && header.hasFrameIds) fill(4 + 3);
  fill(3);
  if (!header.isReduced) tools(header, put, fill);
  fill(3);
  put(header.isDeep, 1);
  if (header.profile === 2 && header.isDeep) fill(1);
  if (header.profile !== 1) put(header.monochrome, 1);
  put(header.codes !== undefined, 1);
  for (const code of header.codes ?? []) put(code, 8);
  if (header.monochrome || header.codes?.join() !== '1,13,0') put(header.fullRange, 1);
  fill(16);
  while (bits.length % 8 > 0) put(0, 1);
  return Buffer.from(
    Array.from({ length: bits.length / 8 }, (_, index) =>
      Number.parseInt(bits.slice(index * 8, index * 8 + 8).join(''), 2),
    ),
  );
}

type Put = (value: number | boolean, count: number) => void;
type Fill = (count: number) => void;

function operatingPoints({ timing, hasDelays, points, fill: value }: Av1Header, put: Put, fill: Fill): void {
  put(timing !== undefined, 1);
  if (timing !== undefined) {
    fill(32);
    fill(32);
    put(timing.ticks !== undefined, 1);
    if (timing.ticks !== undefined) {
      put(0, timing.ticks.zeros);
      put(1, 1);
      // A number with 32 zeros or more has no bits of its own: section 4.10.3.
      if (timing.ticks.zeros < 32) put(value * (2 ** timing.ticks.zeros - 1), timing.ticks.zeros);
    }
    put(timing.delayBits !== undefined, 1);
    if (timing.delayBits !== undefined) {
      put(timing.delayBits - 1, 5);
      fill(32);
      fill(10);
    }
  }
  put(hasDelays, 1);
  put(points.length - 1, 5);
  for (const { level, hasDecoderModel, hasDelay } of points) {
    fill(12);
    put(level, 5);
    if (level > 7) fill(1);
    if (timing?.delayBits !== undefined) {
      put(hasDecoderModel, 1);
      if (hasDecoderModel) {
        fill(timing.delayBits);
        fill(timing.delayBits);
        fill(1);
      }
    }
    if (hasDelays) put(hasDelay, 1);
    if (hasDelays && hasDelay) fill(4);
  }
}

function tools({ hasOrderHint, screenContent, choosesIntegers }: Av1Header, put: Put, fill: Fill): void {
  fill(4);
  put(hasOrderHint, 1);
  if (hasOrderHint) fill(2);
  put(screenContent === 'chosen', 1);
  if (screenContent !== 'chosen') put(screenContent === 'on', 1);
  if (screenContent !== 'off') {
    put(choosesIntegers, 1);
    if (!choosesIntegers) fill(1);
  }
  if (hasOrderHint) fill(3);
}
