import { resultKey } from '../../src/core/result-keys.ts';
import { IMAGE } from '../../src/core/rules.ts';
import { BUCKETS } from '../../src/local/resources.ts';
import type { Config } from '../../src/worker/config.ts';
import { OWN_CONVERSIONS, PATTERNS, type Configuration } from './configurations.ts';

/** The expected results of a key under a configuration. */
export interface Expected {
  conversion: string;
  /** The value of its option. */
  variant: number;
  stamped: boolean;
  results: readonly { key: string; rendition: string }[];
}

/** Returns the expected results of a key: the first matching rule decides; the image conversion is for the others. */
export function expectedResults(
  { rules, images, quality }: Configuration,
  config: Config,
  imagesAreStamped: boolean,
): (key: string) => Expected {
  const known = new Map<string, Expected>();

  function find(key: string): Expected {
    const rule = rules.find(({ keys }) => keys === undefined || PATTERNS[keys](key));
    const results = (rule?.renditions ?? images).map((rendition) => ({
      key: resultKey({ bucket: BUCKETS.uploads, key }, rendition, config),
      rendition,
    }));
    if (rule === undefined)
      return { conversion: IMAGE, variant: quality, stamped: imagesAreStamped, results };
    const { conversion, variant } = rule;
    return { conversion, variant, stamped: OWN_CONVERSIONS[conversion].stamped, results };
  }

  return (key) => {
    const expected = known.get(key) ?? find(key);
    known.set(key, expected);
    return expected;
  };
}
