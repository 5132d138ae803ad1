import { open } from 'node:fs/promises';
import { assertDefinition } from './assert-definition.ts';
import {
  defineConversion as defined,
  type Conversion,
  type ConversionDefinition,
  type ConversionJob,
  type MadeResult,
} from './conversion.ts';
import { Retryable } from './errors.ts';
import { requestedResult } from './requested-result.ts';
import { writeResultMetadata } from './result-metadata.ts';
import { messageOf } from './message-of.ts';

/**
 * The public `defineConversion`. A conversion in JavaScript, or in unchecked TypeScript, can return anything, and S3's
 * errors would not name the result. The image conversion does not need these checks, so the worker does not contain
 * them.
 */

/**
 * Defines a custom conversion for the configuration file. Its results are checked before they are stored.
 * @throws InvalidRecipe that lists the invalid values
 */
export function defineConversion<Options = Record<string, never>>(
  definition: ConversionDefinition<Options>,
): Conversion<Options> {
  assertDefinition(definition);
  const conversion = defined(definition);
  return {
    ...conversion,
    convert: async (job) => checkedResults(await conversion.convert(job), job, conversion),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const METADATA_BYTES = 2048;
const CONTENT_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(;[ -~]*)?$/;
const NAME = /^[a-z0-9][a-z0-9_.-]*$/;
const VALUE = /^[ -~]*$/;

/** Returns metadata as long as Millrace's own, which it adds to a conversion's. */
function ownMetadata(): Record<string, string> {
  return writeResultMetadata({
    sourceName: 'n'.repeat(43),
    sourceVersionId: 'v'.repeat(100),
    sourceEtag: 'e'.repeat(40),
    recipe: 'r'.repeat(16),
    generation: 999_999,
    stamp: 's'.repeat(110),
    stamped: true,
    rendition: 'r'.repeat(63),
    extension: 'e'.repeat(16),
  });
}

/**
 * Returns the requested results, in their order.
 * @param made what the conversion returned
 * @throws Retryable `internal.unexpected` with the mistake, because a fixed version of the conversion may succeed
 */
async function checkedResults<Options>(
  made: unknown,
  { renditions, options }: ConversionJob<Options>,
  conversion: Conversion<Options>,
): Promise<readonly MadeResult[]> {
  try {
    if (!Array.isArray(made)) throw new Error(`it returned ${shown(made)}; expected a list of results`);
    assertDeclared(made, conversion.renditions(options));
    const results = renditions.map((name) => requestedResult(made as Partial<MadeResult>[], name));
    for (const result of results) {
      assertStorable(result);
      await assertReadable(result);
    }
    return results as MadeResult[];
  } catch (error) {
    const message = messageOf(error);
    throw new Retryable('internal.unexpected', `the conversion ${conversion.name}: ${message}`, {
      cause: error,
    });
  }
}

/** @throws Error if something in the list is no result of a declared rendition */
function assertDeclared(made: readonly unknown[], declared: readonly string[]): void {
  for (const [index, result] of made.entries()) {
    if (!isObject(result)) throw new Error(`result ${index} is ${shown(result)}; expected an object`);
    const { rendition } = result as Partial<MadeResult>;
    if (rendition === undefined || !declared.includes(rendition))
      throw new Error(
        `it returned the rendition ${rendition}, which it does not declare; declared: ${declared.join(', ')}`,
      );
  }
}

/** @throws Error if S3 cannot store the result */
function assertStorable({ rendition, body, contentType, metadata = {} }: Partial<MadeResult>): void {
  const complain = (what: string) => {
    throw new Error(`the result ${rendition}: ${what}`);
  };
  if (!isObject(metadata)) complain(`its metadata is ${shown(metadata)}; expected an object`);
  if (!isBody(body))
    complain(
      `its body is ${shown(body)}; expected a Uint8Array, an async iterable of them, or { file: path }`,
    );
  if (typeof contentType !== 'string' || !CONTENT_TYPE.test(contentType))
    complain(`its content type is ${JSON.stringify(contentType)}; expected one like text/csv`);
  const own = ownMetadata();
  for (const [name, value] of Object.entries(metadata)) {
    if (!NAME.test(name)) complain(`its metadata ${name}: expected lower-case letters, digits, -, _ and .`);
    if (typeof value !== 'string' || !VALUE.test(value))
      complain(`its metadata ${name} is ${JSON.stringify(value)}; expected an ASCII string`);
    if (Object.hasOwn(own, name) && name !== 'width' && name !== 'height')
      complain(`its metadata ${name}: the name is reserved for Millrace; choose another`);
  }
  if (bytesOf(metadata) + bytesOf(own) > METADATA_BYTES)
    complain(
      `its metadata has ${bytesOf(metadata)} bytes; expected at most ${METADATA_BYTES - bytesOf(own)}`,
    );
}

/** @throws Error if the result's file cannot be read */
async function assertReadable({ rendition, body }: Partial<MadeResult>): Promise<void> {
  if (!isObject(body) || !('file' in body)) return;
  const file = await open(body.file).catch((error: unknown) => {
    throw new Error(`the result ${rendition}: its file cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  });
  try {
    if (!(await file.stat()).isFile())
      throw new Error(`the result ${rendition}: its file ${body.file} is not a regular file`);
  } finally {
    await file.close();
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isBody(body: unknown): boolean {
  if (body instanceof Uint8Array) return true;
  if (!isObject(body)) return false;
  return Symbol.asyncIterator in body || ('file' in body && typeof body.file === 'string');
}

function bytesOf(metadata: Readonly<Record<string, string>>): number {
  return Object.entries(metadata).flat().join('').length;
}

/** Names a value by its type. */
function shown(value: unknown): string {
  if (!isObject(value)) return value === undefined || value === null ? String(value) : `a ${typeof value}`;
  return `an object of the class ${(value.constructor as { name?: string } | undefined)?.name ?? 'null'}`;
}
