import type { ObjectRef } from '../core/object-ref.ts';
import { IMAGE } from '../core/rules.ts';
import { apparentlySameUpload } from '../core/source.ts';
import type { Target } from './check-results.ts';
import { streamedContent, wholeContent, type Content } from './conversion/content.ts';
import { renderImage } from './conversion/image/render-image.ts';
import { tooLarge, type ReadyRule } from './conversion/rules.ts';
import { runConversion } from './conversion/run.ts';
import type { Scratch } from './conversion/scratch.ts';
import type { ReadyResult } from './conversion/spool.ts';
import type { InSlot } from './invocation.ts';
import { release } from './release.ts';
import { discard, type Found, type Opened, type Storage } from './storage.ts';
import type { Telemetry } from './telemetry.ts';

/** A result and its target. */
export interface Made {
  target: Target;
  result: ReadyResult;
}

interface Making {
  /** The results to make. */
  targets: readonly Target[];
  stamp: string;
  scratch: Scratch;
}

/** Makes results from a source. Returns `moved` if the source was replaced before it was read. */
export type MakeResults = (
  object: ObjectRef,
  rule: ReadyRule,
  source: Found | Opened,
  making: Making,
  inSlot: InSlot,
) => Promise<Made[] | 'moved'>;

export function createMakeResults({
  storage,
  telemetry,
}: {
  storage: Storage;
  telemetry: Telemetry;
}): MakeResults {
  return async function makeResults({ bucket, key }, rule, source, { targets, stamp, scratch }, inSlot) {
    const { bytes } = source;
    const refused = tooLarge(rule, bytes);
    if (refused !== undefined) {
      discard(source);
      throw refused;
    }
    const renditions = targets.map(({ rendition }) => rendition);
    const run = { key, bytes, stamp, scratch, renditions, renderImage };
    const convert = (content: Content) =>
      telemetry.phase('convert', async () => {
        const results = await runConversion(rule, { ...run, content });
        return results.flatMap((result) => {
          const target = targets.find(({ rendition }) => rendition === result.rendition);
          return target === undefined ? [] : [{ target, result }];
        });
      });
    if ('read' in source) {
      const whole = await telemetry.phase('read', () => source.read());
      return inSlot(async () => {
        const made = await convert(wholeContent(whole));
        // Other conversions may keep their source, or return it as a result.
        if (rule.code.name === IMAGE) release(whole);
        return made;
      });
    }
    // The stream is opened when the conversion begins, so that no connection idles while waiting for a slot.
    return inSlot(async () => {
      const opened = await storage.open(bucket, key);
      if (opened === undefined || !apparentlySameUpload(opened.identity, source.identity)) {
        discard(opened);
        return 'moved';
      }
      try {
        return await convert(await streamedContent(opened.stream()));
      } finally {
        opened.discard();
      }
    });
  };
}
