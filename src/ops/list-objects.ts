import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { defined } from '../core/defined.ts';

/** An object as a listing shows it. */
export interface Listed {
  key: string;
  /** Milliseconds since the epoch; in whole seconds on AWS. */
  at: number;
  bytes: number;
  /** With quotes. */
  etag: string;
}

/** The keys with a prefix, in the order of their UTF-8 bytes. `current` is undefined at the end. */
export interface Listing {
  readonly current: Listed | undefined;
  /** Advances to the next key. Returns a promise only at the end of a page, to save turns of the event loop. */
  next(): Promise<void> | undefined;
}

export interface ListingRequest {
  bucket: string;
  prefix: string;
  /** Only keys after this one. */
  after?: string;
}

/** Opens a listing that holds at most two pages: it fetches the next page while one is read. */
export async function openListing(s3: S3Client, request: ListingRequest): Promise<Listing> {
  let page: Listed[] = [];
  let index = 0;
  let following: Promise<ListObjectsV2CommandOutput> | undefined = listPage(s3, request);
  await turn();

  async function turn(): Promise<void> {
    page = [];
    index = 0;
    while (page.length === 0 && following !== undefined) {
      const answer: ListObjectsV2CommandOutput = await following;
      const token = answer.NextContinuationToken;
      following = token === undefined ? undefined : listPage(s3, request, token);
      // A caller that stops early does not need the error.
      following?.catch(() => undefined);
      page = (answer.Contents ?? []).map(({ Key = '', LastModified, Size = 0, ETag = '' }) => ({
        key: decodeKey(Key),
        at: LastModified?.getTime() ?? 0,
        bytes: Size,
        etag: ETag,
      }));
    }
  }

  return {
    get current() {
      return page[index];
    },
    next() {
      index += 1;
      return index < page.length ? undefined : turn();
    },
  };
}

function listPage(s3: S3Client, { bucket, prefix, after }: ListingRequest, token?: string) {
  return s3.send(
    new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      // Keys may contain control characters, which XML cannot represent.
      EncodingType: 'url',
      ...defined({ StartAfter: after, ContinuationToken: token }),
    }),
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html: `EncodingType` */
function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}
