import type { S3Client } from '@aws-sdk/client-s3';
import { openListing, type Listed } from '../list-objects.ts';

/** Sorts after every continuation of a prefix, except those that begin with this character. */
const LAST = '\u{10ffff}';

/** Lists the objects whose keys have none of the prefixes. Keys with a prefix are skipped, not listed. */
export async function* listOutsidePrefixes(
  s3: S3Client,
  bucket: string,
  prefixes: readonly string[],
): AsyncGenerator<Listed> {
  if (prefixes.includes('')) return;
  const skipped = new Set<string>();
  for (let after: string | undefined = ''; after !== undefined;) {
    const request = { bucket, prefix: '' };
    const listing = await openListing(s3, after === '' ? request : { ...request, after });
    after = undefined;
    for (let { current } = listing; current !== undefined; { current } = listing) {
      const { key } = current;
      const inside = prefixes.find((prefix) => key.startsWith(prefix));
      if (inside === undefined) yield current;
      else if (!skipped.has(inside)) {
        skipped.add(inside);
        after = inside + LAST;
        break;
      }
      await listing.next();
    }
  }
}
