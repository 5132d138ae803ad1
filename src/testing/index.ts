import { afterAll, beforeAll, describe } from 'vitest';
import type { Conversion, ConversionLimits } from '../core/conversion.ts';
import { testGarbage } from './garbage.ts';
import { testLimits } from './limits.ts';
import { testMemory } from './memory.ts';
import { testSample } from './sample.ts';
import { readSamples, type Samples } from './samples.ts';
import type { Chunks } from './source.ts';
import { createSubject, GRACE_SECONDS } from './subject.ts';
import { ownTemporaryFolder } from './temporary-folder.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

export type { Chunks, Samples };

/** The options of `testConversion`. */
export interface ConversionTests {
  /**
   * Files that the conversion can convert: the path of a folder, relative to the folder that vitest runs in, or
   * contents by key. The files' paths in the folder are their keys.
   */
  samples: Samples;
  /** As in the configuration file. */
  options?: unknown;
  /** As in the configuration file. */
  limits?: Partial<ConversionLimits>;
  /**
   * Returns a source of about this many bytes that the conversion can convert, for a conversion that streams. By
   * default, the largest sample is repeated; of a text, all lines except the first.
   */
  large?: (bytes: number) => Chunks;
  /** Seed of the garbage. By default, 1. */
  seed?: number;
}

/**
 * Registers vitest tests of what the pipeline relies on, for a conversion that `defineConversion` returns. They run the
 * conversion with the worker's own code.
 * @throws InvalidRecipe if the options or limits are invalid; Error if there are no samples
 */
export function testConversion(conversion: Conversion, tests: ConversionTests): void {
  const { options, limits, seed = 1 } = tests;
  const samples = readSamples(tests.samples);
  const subject = createSubject(conversion, { options, limits });
  const { limits: limited, code } = subject.rule;

  describe(`the conversion ${conversion.name}`, () => {
    const temporary = ownTemporaryFolder();
    let watchdog: Watchdog;
    beforeAll(() => {
      watchdog = startWatchdog(conversion.name, limited.seconds + GRACE_SECONDS);
      subject.interruptions = watchdog.interruptions;
    });
    afterAll(() => watchdog.stop());

    // Runs first: the process keeps memory that earlier tests freed, and its reuse would not be measured.
    if (code.streams) testMemory(subject, samples, tests.large);
    for (const sample of samples)
      describe(sample.key, () => {
        testSample(subject, sample, temporary);
        testGarbage(subject, sample, seed);
      });
    testLimits(subject, samples);
  });
}
