import type { LocalDeployment } from '../../src/core/deployment.ts';
import { startTestServer } from './http-server.ts';

/**
 * Listings of buckets with a given number of keys, generated on request, for a command that must handle any number.
 * Every hundredth upload has failed, and every thousandth is pending.
 */
export interface ManyKeys {
  url: string;
  counts: { uploaded: number; converted: number; failed: number; pending: number; ignored: number };
  requests(): number;
  /** Pages of all listings together. */
  pages: number;
  stop(): Promise<void>;
}

const PAGE = 1000;
const UPLOADED = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-02T00:00:00.000Z';

type Bucket = 'uploads' | 'results' | 'failures';

const isPending = (index: number) => index % 1000 === 999;
const isFailed = (index: number) => index % 100 === 50;
const has: Record<Bucket, (index: number) => boolean> = {
  uploads: () => true,
  results: (index) => !isPending(index) && !isFailed(index),
  failures: isFailed,
};

export async function serveManyKeys(keys: number): Promise<ManyKeys> {
  let requests = 0;
  const deployment = (): LocalDeployment => ({
    awsUrl: url,
    uploadBuckets: ['uploads'],
    resultBucket: 'results',
    failureBucket: 'failures',
    conversionQueueUrl: `${url}/conversion`,
    retryQueueUrl: `${url}/retry`,
    deadLetterQueueUrl: `${url}/dead`,
    renditions: ['web'],
    rules: [],
    recipeId: 'recipe',
    generation: 1,
    ignore: ['.DS_Store', '._*'],
    whenDeleted: 'keep',
  });

  function page(bucket: Bucket, after: string): string {
    const contents: string[] = [];
    let index = after === '' ? 0 : Number(after) + 1;
    for (; index < keys && contents.length < PAGE; index += 1) {
      if (!has[bucket](index)) continue;
      const at = bucket === 'uploads' ? UPLOADED : LATER;
      contents.push(
        `<Contents><Key>${keyOf(index)}</Key><LastModified>${at}</LastModified><ETag>&quot;e${index}&quot;</ETag><Size>1000</Size><StorageClass>STANDARD</StorageClass></Contents>`,
      );
    }
    let more = false;
    for (let rest = index; rest < Math.min(keys, index + PAGE) && !more; rest += 1) more = has[bucket](rest);
    const token = more ? `<NextContinuationToken>${index - 1}</NextContinuationToken>` : '';
    return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><KeyCount>${contents.length}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>${more}</IsTruncated>${token}${contents.join('')}</ListBucketResult>`;
  }

  const { url, stop } = await startTestServer((req, res) => {
    const target = new URL(req.url ?? '', 'http://x');
    if (target.pathname === '/deployment') {
      res.setHeader('content-type', 'application/json').end(JSON.stringify(deployment()));
      return;
    }
    requests += 1;
    const bucket = target.pathname.split('/')[1] as Bucket;
    if (!(bucket in has) || target.searchParams.get('list-type') !== '2') {
      res.writeHead(501).end();
      return;
    }
    const body = page(bucket, target.searchParams.get('continuation-token') ?? '');
    res.setHeader('content-type', 'application/xml').end(body);
  });

  const indexes = (bucket: Bucket) => {
    let count = 0;
    for (let index = 0; index < keys; index += 1) if (has[bucket](index)) count += 1;
    return count;
  };
  const [converted, failed] = [indexes('results'), indexes('failures')];
  return {
    url,
    counts: { uploaded: keys, converted, failed, pending: keys - converted - failed, ignored: 0 },
    requests: () => requests,
    pages: [keys, converted, failed].reduce((sum, count) => sum + Math.ceil(count / PAGE), 0),
    stop,
  };
}

function keyOf(index: number): string {
  return `photos/${String(index).padStart(7, '0')}.jpg`;
}
