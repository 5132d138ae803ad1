import { writeResultMetadata } from '../core/result-metadata.ts';
import type { Made } from './made.ts';

/** Metadata that Millrace adds to a conversion's own. */
const OWN = writeResultMetadata({
  sourceName: 'n'.repeat(43),
  sourceVersionId: 'v'.repeat(100),
  sourceEtag: 'e'.repeat(40),
  recipe: 'r'.repeat(16),
  generation: 999_999,
  stamp: 's'.repeat(110),
  rendition: 'r'.repeat(63),
});
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const METADATA_BYTES = 2048;
const CONTENT_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(;[ -~]*)?$/;
const NAME = /^[a-z0-9][a-z0-9_.-]*$/;
const VALUE = /^[ -~]*$/;

/** @throws Error if S3 cannot store a result with this content type and metadata */
export function assertStorable({ rendition, contentType, metadata = {} }: Made): void {
  const complain = (what: string) => {
    throw new Error(`the result ${rendition}: ${what}`);
  };
  if (!CONTENT_TYPE.test(contentType))
    complain(`its content type is ${JSON.stringify(contentType)}; expected one like text/csv`);
  for (const [name, value] of Object.entries(metadata)) {
    if (!NAME.test(name)) complain(`its metadata ${name}: expected lower-case letters, digits, -, _ and .`);
    if (typeof value !== 'string' || !VALUE.test(value))
      complain(`its metadata ${name} is ${JSON.stringify(value)}; expected an ASCII string`);
    if (name in OWN && name !== 'width' && name !== 'height')
      complain(`its metadata ${name}: the name is reserved for Millrace; choose another`);
  }
  if (bytesOf(metadata) + bytesOf(OWN) > METADATA_BYTES)
    complain(
      `its metadata has ${bytesOf(metadata)} bytes; expected at most ${METADATA_BYTES - bytesOf(OWN)}`,
    );
}

function bytesOf(metadata: Readonly<Record<string, string>>): number {
  return Object.entries(metadata).flat().join('').length;
}
