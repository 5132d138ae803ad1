import * as z from 'zod';
import type { Random } from '@millrace/local-aws/models';
import { defineConversion, type Conversion, type ConversionJob } from '../../src/core/conversion.ts';
import { Rejected } from '../../src/core/errors.ts';
import { imageOptionsSchema } from '../../src/core/recipe.ts';
import { IMAGE } from '../../src/core/rules.ts';
import type { Conversions } from '../../src/worker/conversion/conversions.ts';
import { textResult } from '../support/conversions.ts';
import { OWN_CONVERSIONS } from './configurations.ts';
import type { Deployed } from './deployments.ts';
import { markOf, textOf, withMark } from './marks.ts';
import type { Owner, Steps } from './steps.ts';
import { badCode } from './unconvertible.ts';
import type { World } from './world.ts';

export interface ConversionOptions {
  deployed: Deployed;
  world: World;
  steps: Steps;
  random: Random;
  /** Whether images have a stamp. */
  stamped: boolean;
  /** A conversion's maximum duration in seconds. */
  conversionSeconds: number;
  /** Whether the causes of failures are fixed. */
  mended(): boolean;
  onPoison(process: Owner): void;
}

/** Cheap conversions in virtual time. Their results contain the source, and the stamp or, without one, the options. */
export function simulatedConversions(
  owner: Owner & { disturbed: boolean },
  options: ConversionOptions,
): Conversions {
  const { deployed, world, steps, random, conversionSeconds, mended, onPoison } = options;
  const { version } = deployed.configuration;

  function simulated<Options>(
    name: string,
    stamped: boolean,
    schema: z.ZodType<Options>,
    variantOf: (given: Options) => number,
  ): Conversion {
    const convert = async (job: ConversionJob<Options>) => {
      const content = await job.source.content();
      const text = textOf(content);
      const { upload = 0 } = markOf(content);
      const variant = variantOf(job.options);
      const isSlow = text === 'slow' && !mended();
      const seconds = isSlow ? job.limits.seconds : conversionSeconds * (0.5 + random() / 2);
      // A delay that ends the conversion uses up an attempt, like a fault.
      if (!isSlow) job.signal.addEventListener('abort', () => void (owner.disturbed = true));
      if (seconds > 0) await world.clock.sleep(seconds * 1000);
      return steps.effect(owner, `convert ${text}`, () => {
        if (text === 'poison' && !mended()) onPoison(owner);
        if (text === 'bad' && !mended()) throw new Rejected(badCode(name), 'bad on purpose');
        if (isSlow) {
          world.met('a conversion beyond its limit');
          throw new Rejected('conversion.timeout', 'slow on purpose');
        }
        const made = stamped ? `of ${job.stamp}` : `by ${name} ${version}, ${variant}`;
        return job.renditions.map((rendition) => {
          const { key } = job.source;
          const mark = { upload, key, deployment: deployed.number, conversion: name, variant, rendition };
          return textResult(rendition, withMark(`${text} as ${rendition} ${made}`, mark));
        });
      });
    };
    return defineConversion({ name, version, stamped, options: schema, convert });
  }

  const ofImages = simulated(
    IMAGE,
    options.stamped,
    imageOptionsSchema,
    ({ renditions }) => renditions[0]?.quality ?? 0,
  );
  const own = Object.entries(OWN_CONVERSIONS).map(([name, { stamped }]) =>
    simulated(name, stamped, z.strictObject({ variant: z.int() }), ({ variant }) => variant),
  );
  return new Map([ofImages, ...own].map((conversion) => [conversion.name, conversion]));
}
