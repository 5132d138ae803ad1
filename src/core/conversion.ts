import * as z from 'zod';
import { InvalidRecipe } from './invalid-recipe.ts';
import type { Rendition } from './rendition.ts';
import { extensionSchema } from './result-name.ts';

/** A conversion's limits. */
export interface ConversionLimits {
  /** Maximum size of the source in bytes. */
  bytes: number;
  /** Time limit of a conversion. */
  seconds: number;
}

/** The upload that a conversion reads. */
export interface Source {
  key: string;
  bytes: number;
  /** Detected from the first bytes, such as `application/pdf`; undefined for text and unknown types. */
  contentType: string | undefined;
  /** Returns the whole content. A conversion that streams calls either this or `stream`, once. */
  content(): Promise<Uint8Array>;
  /** Returns the content in chunks. */
  stream(): AsyncIterable<Uint8Array>;
}

/** An image that is decoded: 8 bits a channel, RGB or RGBA, row by row without padding. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 3 | 4;
}

/** One conversion of one upload. */
export interface ConversionJob<Options> {
  source: Source;
  /** The conversion's options, as returned by its schema. */
  options: Options;
  /** Names of the renditions to make: those of the conversion that are not current. */
  renditions: readonly string[];
  /**
   * Identifies this version of the upload and the deployed recipe. Results that carry it differ from those of other
   * versions. The same source, options and stamp must give the same bytes.
   */
  stamp: string;
  limits: ConversionLimits;
  /**
   * Aborted when the conversion's time is up; reading the source then fails. Pass it to everything else that takes
   * time: child processes, requests, loops.
   */
  signal: AbortSignal;
  /** Returns the path of a temporary folder, which is removed once the results are stored. */
  scratch(): Promise<string>;
  /**
   * Makes renditions of an image as the image conversion does: upright, in sRGB, with the stamp and no other metadata.
   * @param image a file in a format that it reads, or pixels; the format `source` makes PNG of pixels
   * @throws Rejected `image.…`; Retryable `conversion.timeout` when the conversion's time is up
   */
  renderImage(image: Uint8Array | Pixels, renditions: readonly Rendition[]): Promise<readonly MadeResult[]>;
}

/** A result of a conversion. */
export interface MadeResult {
  rendition: string;
  /** Its bytes, at once or in chunks, or the path of a file that holds them. */
  body: Uint8Array | AsyncIterable<Uint8Array> | { file: string };
  contentType: string;
  /** Stored with the result as S3 user metadata. */
  metadata?: Readonly<Record<string, string>>;
}

/** A kind of conversion: the contents that it accepts, and the results that it makes. */
export interface Conversion<Options = unknown> {
  /** Lower-case letters, digits and `-`. Its error codes start with the name and a dot. */
  readonly name: string;
  /** Raise it if the same source and options give a different result. Earlier results are then stale. */
  readonly version: number;
  /**
   * Content types that it accepts, as detected from the content, such as `image/png` or `video/*`; or a function of the
   * first bytes (4,100 if there are as many). Without it, everything is accepted.
   */
  readonly accepts: readonly string[] | ((head: Uint8Array) => boolean) | undefined;
  /** Validates its options. */
  readonly options: z.ZodType<Options>;
  /**
   * Whether results with different stamps always have different bytes. If not, the worker checks the source again after
   * it stores or replaces such a result (docs/adr/0025).
   */
  readonly stamped: boolean;
  /** Whether it reads the source as a stream. Otherwise, the worker reads all of it before the conversion starts. */
  readonly streams: boolean;
  readonly limits: ConversionLimits;
  /** Returns the names of the results that it makes with these options. */
  renditions(options: Options): readonly string[];
  /** Returns the file name extension of a result, such as `parquet`, if it is the same for every upload. */
  extension?(rendition: string, options: Options): string | undefined;
  /**
   * @throws Rejected when this content can never be converted under these options
   * @throws Retryable when a later attempt may succeed
   */
  convert(job: ConversionJob<Options>): Promise<readonly MadeResult[]>;
}

/** A conversion's name. */
export const conversionNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and -, at most 31 characters');

/** The highest limits that a conversion may have. */
export const HIGHEST_LIMITS = { seconds: 90, bytes: 2_000_000_000 } as const;

export const limitSchemas = {
  bytes: z.int().min(1).max(HIGHEST_LIMITS.bytes).default(52_428_800).describe('Bytes of the source.'),
  seconds: z
    .int()
    .min(1)
    .max(HIGHEST_LIMITS.seconds)
    .default(30)
    .describe('Seconds one conversion may take.'),
};

const limitsSchema = z.strictObject(limitSchemas);

/** A conversion as its author writes it, with defaults for most fields. */
export interface ConversionDefinition<Options> extends Partial<
  Pick<Conversion<Options>, 'accepts' | 'version' | 'stamped' | 'streams'>
> {
  name: string;
  /** By default, the conversion has no options. */
  options?: z.ZodType<Options>;
  /** By default, one result with the conversion's name. */
  renditions?: readonly string[] | ((options: Options) => readonly string[]);
  /**
   * File name extension of all results, such as `parquet`, or a function that returns each result's own. Names of
   * results end with it if the recipe's `resultName` says so.
   */
  extension?: string | ((rendition: string, options: Options) => string | undefined);
  /** By default, 50 MiB and 30 seconds. */
  limits?: Partial<ConversionLimits>;
  convert(job: ConversionJob<Options>): Promise<readonly MadeResult[]>;
}

/**
 * Returns a conversion of your own, for the configuration file.
 * @throws InvalidRecipe that names a wrong value
 */
export function defineConversion<Options = Record<string, never>>(
  definition: ConversionDefinition<Options>,
): Conversion<Options> {
  const name = checked(conversionNameSchema, definition.name, 'the name of a conversion');
  const { accepts, stamped = false, streams = false, renditions = [name], extension } = definition;
  const described = (what: string) => `the conversion ${name}: ${what}`;
  return {
    name,
    version: checked(z.int().min(1), definition.version ?? 1, described('version')),
    accepts,
    options: definition.options ?? (z.strictObject({}) as unknown as z.ZodType<Options>),
    stamped,
    streams,
    limits: checked(limitsSchema, definition.limits ?? {}, described('limits')),
    renditions: typeof renditions === 'function' ? renditions : () => renditions,
    extension: extensionFunction(extension, described('extension')),
    convert: (job) => definition.convert(job),
  };
}

function extensionFunction<Options>(
  extension: ConversionDefinition<Options>['extension'],
  what: string,
): NonNullable<Conversion<Options>['extension']> {
  if (typeof extension === 'function') return extension;
  const same = extension === undefined ? undefined : checked(extensionSchema, extension, what);
  return () => same;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw new InvalidRecipe(`${what}: ${lines.join('; ')}`);
}
