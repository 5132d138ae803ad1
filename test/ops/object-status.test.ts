import type { S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FailureReport } from '../../src/core/failure-report.ts';
import { writeResultMetadata, type ResultMetadata } from '../../src/core/result-metadata.ts';
import type { Listed } from '../../src/ops/list-objects.ts';
import {
  getReport,
  head,
  objectStatus,
  readReport,
  type ObjectStatus,
  type StatusScope,
} from '../../src/ops/object-status.ts';
import { stateByListings, stateByObjects, type Joined } from '../../src/ops/state-from-listings.ts';
import { fakeS3, type Stored } from '../support/fake-s3.ts';

const SCOPE: StatusScope = {
  uploadBuckets: ['uploads'],
  resultBucket: 'results',
  failureBucket: 'failures',
  renditions: ['large', 'thumb'],
  recipeId: 'r',
  ignore: ['*.tmp'],
  generation: 2,
};
const KEY = 'a.jpg';
/** Long before now, so that no attempt may still run. */
const UPLOADED = Math.floor(Date.now() / 1000) * 1000 - 86_400_000;

let { s3, inBucket, requests } = fakeS3(1000);
beforeEach(() => {
  ({ s3, inBucket, requests } = fakeS3(1000));
});

const upload = (about: Partial<Stored> = {}, key = KEY) =>
  inBucket('uploads').set(key, { at: UPLOADED, etag: '"e"', ...about });

/** Stores a result as the worker does, a minute after the upload. */
const convert = (rendition: string, about: Partial<ResultMetadata> = {}, stored: Partial<Stored> = {}) =>
  inBucket('results').set(`${rendition}/${KEY}`, {
    at: UPLOADED + 60_000,
    etag: `"${rendition}"`,
    metadata: writeResultMetadata({
      sourceEtag: 'e',
      recipe: 'r',
      generation: 2,
      stamp: 's',
      rendition,
      width: 4,
      height: 3,
      ...about,
    }),
    ...stored,
  });

/** Stores a report as the worker does, two minutes after the upload. */
function report(about: Partial<FailureReport> = {}, at = UPLOADED + 120_000): FailureReport {
  const content: FailureReport = {
    version: 1,
    status: 'failed',
    code: 'image.corrupt',
    message: 'why',
    bucket: 'uploads',
    key: KEY,
    source: { etag: '"e"', lastModified: new Date(UPLOADED).toISOString() },
    recipe: 'r',
    attempt: 3,
    at: new Date(at).toISOString(),
    overAt: new Date(at).toISOString(),
    messageId: 'm',
    requestId: 'q',
    logGroup: 'g',
    logStream: 'l',
    ...about,
  };
  inBucket('failures').set(KEY, { at, etag: '"f"', body: JSON.stringify(content) });
  return content;
}

const status = (key = KEY): Promise<ObjectStatus> => objectStatus(s3, SCOPE, { bucket: 'uploads', key });
const attempting = (seconds: number) => ({
  status: 'attempting' as const,
  overAt: new Date(Date.now() + seconds * 1000).toISOString(),
});

describe('an upload', () => {
  it('that does not exist is unknown, whatever results there are', async () => {
    convert('large');
    expect(await status()).toEqual({ status: 'unknown', key: KEY });
  });

  it('is ignored if its name or its emptiness says so', async () => {
    upload({}, 'b.tmp');
    upload({ bytes: 0 }, 'folder/');
    upload({}, 'file/');
    expect(await status('b.tmp')).toEqual({ status: 'ignored', key: 'b.tmp' });
    expect(await status('folder/')).toEqual({ status: 'ignored', key: 'folder/' });
    expect(await status('file/')).toEqual({ status: 'pending', key: 'file/' });
  });

  it('is converted once it has all results', async () => {
    upload();
    convert('large', {}, { bytes: 9, contentType: 'image/webp' });
    expect(await status()).toEqual({ status: 'pending', key: KEY });
    convert('thumb', {}, { bytes: 0 });
    const appearance = { width: 4, height: 3 };
    expect(await status()).toEqual({
      status: 'converted',
      key: KEY,
      stale: false,
      results: [
        { rendition: 'large', key: `large/${KEY}`, contentType: 'image/webp', bytes: 9, ...appearance },
        { rendition: 'thumb', key: `thumb/${KEY}`, contentType: '', bytes: 0, ...appearance },
      ],
    });
  });

  it('failed with the whole reason of its report', async () => {
    upload();
    const {
      source: _source,
      overAt: _over,
      recipe: _recipe,
      version: _version,
      bucket: _bucket,
      attempt,
      ...reason
    } = report();
    expect(await status()).toEqual({ ...reason, status: 'failed', attempts: attempt });
  });

  it('is pending while an attempt may still run, and then failed', async () => {
    upload();
    report(attempting(3600));
    expect(await status()).toEqual({ status: 'pending', key: KEY, attempting: true });
    report(attempting(-60));
    expect(await status()).toMatchObject({ status: 'failed', code: 'image.corrupt' });
  });

  it('is not affected by what is not a report', async () => {
    upload();
    for (const body of ['{}', 'not JSON', '']) {
      inBucket('failures').set(KEY, { at: UPLOADED, etag: '"f"', body });
      expect(await status()).toEqual({ status: 'pending', key: KEY });
    }
  });
});

describe('without versions', () => {
  it('a result is of the upload if their contents are equal, and it is not older', async () => {
    upload();
    convert('large', {}, { at: UPLOADED });
    convert('thumb', {}, { at: UPLOADED });
    expect(await status()).toMatchObject({ status: 'converted' });
    convert('thumb', {}, { at: UPLOADED - 1000 });
    expect(await status()).toMatchObject({ status: 'pending' });
    convert('thumb', { sourceEtag: 'other' });
    expect(await status()).toMatchObject({ status: 'pending' });
  });

  it('a report is about the upload if it has its ETag and its date', async () => {
    upload();
    const lastModified = new Date(UPLOADED).toISOString();
    report({ source: { etag: '"e"', lastModified: new Date(UPLOADED - 1000).toISOString() } });
    expect(await status()).toMatchObject({ status: 'pending' });
    report({ source: { etag: '"other"', lastModified } });
    expect(await status()).toMatchObject({ status: 'pending' });
    report({ source: { etag: '"e"', lastModified, versionId: 'v' } });
    expect(await status()).toMatchObject({ status: 'pending' });
  });
});

describe('with versions', () => {
  it('a result is of the upload if it has its version, whatever their dates', async () => {
    upload({ versionId: 'v2' });
    for (const rendition of SCOPE.renditions)
      convert(rendition, { sourceVersionId: 'v2' }, { at: UPLOADED - 1000 });
    expect(await status()).toMatchObject({ status: 'converted' });
    convert('thumb', { sourceVersionId: 'v1' });
    expect(await status()).toMatchObject({ status: 'pending' });
  });

  it('a report is about the upload if it has its version', async () => {
    upload({ versionId: 'v2' });
    const source = { etag: '"e"', lastModified: new Date(UPLOADED).toISOString() };
    report({ source });
    expect(await status()).toMatchObject({ status: 'pending' });
    report({ source: { ...source, versionId: 'v1' } });
    expect(await status()).toMatchObject({ status: 'pending' });
    report({ source: { etag: '"x"', lastModified: '', versionId: 'v2' } });
    expect(await status()).toMatchObject({ status: 'failed' });
  });
});

describe('results of an older recipe', () => {
  beforeEach(() => {
    upload();
    convert('large', { generation: 1 });
    convert('thumb');
  });

  it('are stale', async () => {
    expect(await status()).toMatchObject({ status: 'converted', stale: true });
  });

  it('remain if the deployed recipe refuses the upload, which then failed', async () => {
    report();
    expect(await status()).toMatchObject({ status: 'failed' });
    // Also in the second of the last result.
    report({}, UPLOADED + 60_000);
    expect(await status()).toMatchObject({ status: 'failed' });
  });

  it('are current if the report is of another recipe, or older than one of them', async () => {
    report({ recipe: 'older' });
    expect(await status()).toMatchObject({ status: 'converted', stale: true });
    report();
    convert('thumb', {}, { at: UPLOADED + 180_000 });
    expect(await status()).toMatchObject({ status: 'converted', stale: true });
  });

  it('are current while an attempt may still run, and after one that stored a result in its first second', async () => {
    report(attempting(3600));
    expect(await status()).toMatchObject({ status: 'converted', stale: true });
    report(attempting(-60), UPLOADED + 60_000);
    expect(await status()).toMatchObject({ status: 'converted', stale: true });
    report(attempting(-60), UPLOADED + 61_000);
    expect(await status()).toMatchObject({ status: 'failed' });
  });

  it('need no report if they are not stale', async () => {
    convert('large');
    await status();
    expect(requests).toEqual(['head', 'head', 'head']);
  });
});

describe('a request', () => {
  const broken = { send: () => Promise.reject(new Error('S3 is down')) } as unknown as S3Client;

  it('that S3 refuses is an error, and not an object that does not exist', async () => {
    await expect(head(broken, 'uploads', KEY)).rejects.toThrow('S3 is down');
    await expect(getReport(broken, 'failures', KEY)).rejects.toThrow('S3 is down');
    await expect(readReport(broken, 'failures', KEY)).rejects.toThrow('S3 is down');
  });

  it('is not sent for a key that S3 cannot have', async () => {
    expect(await head(broken, 'results', 'k'.repeat(1025))).toBeUndefined();
    expect(await getReport(broken, 'failures', 'k'.repeat(1025))).toBeUndefined();
  });

  it('returns a report with what a deletion must name', async () => {
    upload();
    const content = report();
    expect(await getReport(s3, 'failures', KEY)).toEqual({
      etag: '"f"',
      versionId: undefined,
      storedAt: UPLOADED + 120_000,
      report: content,
    });
    expect(await readReport(s3, 'failures', KEY)).toEqual(content);
    expect(await readReport(s3, 'failures', 'none')).toBeUndefined();
  });
});

describe('listings', () => {
  const listed = (at: number, about: Partial<Listed> = {}): Listed => ({
    key: KEY,
    at,
    bytes: 5,
    etag: '"e"',
    ...about,
  });
  const joinedOf = (about: Partial<Joined>): Joined => ({
    bucket: 'uploads',
    upload: listed(UPLOADED),
    report: undefined,
    results: [undefined, undefined],
    ...about,
  });
  /** Returns the state that the listings show, or `in doubt`. */
  function shown(about: Partial<Joined>): string {
    const found = stateByListings(s3, SCOPE, joinedOf(about));
    return typeof found === 'function' ? 'in doubt' : found.state;
  }
  const later = UPLOADED + 60_000;

  const CASES: [string, Partial<Joined>, string][] = [
    ['no results', {}, 'pending'],
    ['a result missing', { results: [listed(later), undefined] }, 'pending'],
    ['all results', { results: [listed(later), listed(later)] }, 'converted'],
    ['a result of an earlier upload', { results: [listed(later), listed(UPLOADED - 1)] }, 'pending'],
    ['a result of the same second', { results: [listed(later), listed(UPLOADED)] }, 'in doubt'],
    [
      'a report of an earlier upload',
      { report: listed(UPLOADED - 1), results: [listed(later), listed(later)] },
      'converted',
    ],
    ['a report of an earlier upload alone', { report: listed(UPLOADED - 1) }, 'pending'],
    ['an old report', { report: listed(later) }, 'failed'],
    ['an old report of the same second', { report: listed(UPLOADED) }, 'in doubt'],
    ['a new report', { report: listed(Date.now() - 1000) }, 'in doubt'],
    [
      'a report and all results',
      { report: listed(later), results: [listed(later), listed(later)] },
      'in doubt',
    ],
    [
      'all results of a multipart upload',
      { upload: listed(UPLOADED, { etag: '"e-2"' }), results: [listed(later), listed(later)] },
      'in doubt',
    ],
    [
      'an old report of a multipart upload',
      { upload: listed(UPLOADED, { etag: '"e-2"' }), report: listed(later) },
      'in doubt',
    ],
  ];

  // Titles must not depend on the time: mutation testing selects tests by their titles.
  it.each(CASES.map(([what, about, state]) => ({ what, about, state })))(
    'with $what show that it is $state',
    ({ about, state }) => {
      expect(shown(about)).toBe(state);
    },
  );

  it('show the sizes of the upload and, if it is converted, of its results', () => {
    const results = [listed(later, { bytes: 7 }), listed(later, { bytes: 8 })];
    expect(stateByListings(s3, SCOPE, joinedOf({ results }))).toEqual({
      bucket: 'uploads',
      key: KEY,
      state: 'converted',
      uploadedAt: new Date(UPLOADED),
      bytes: 5,
      resultBytes: [7, 8],
    });
    expect(stateByListings(s3, SCOPE, joinedOf({ results: [listed(later), undefined] }))).toMatchObject({
      state: 'pending',
      resultBytes: [],
    });
  });

  /** Looks up what the listings leave in doubt. */
  async function lookedUp(about: Partial<Joined>) {
    const found = stateByObjects(s3, SCOPE, joinedOf(about));
    if (typeof found !== 'function') throw new Error('the listings leave no doubt');
    return found();
  }

  it('are followed by requests where they leave a doubt', async () => {
    const both = [listed(later), listed(later)];
    expect(await lookedUp({ results: both })).toBeUndefined();
    upload();
    convert('large', { generation: 1 }, { bytes: 9 });
    convert('thumb', {}, { bytes: 3 });
    expect(await lookedUp({ results: both })).toMatchObject({
      state: 'converted',
      stale: true,
      bytes: 5,
      resultBytes: [9, 3],
    });
    inBucket('results').clear();
    expect(await lookedUp({ results: both })).toMatchObject({ state: 'pending' });
    expect(await lookedUp({ results: both })).not.toHaveProperty('attempting');
    report(attempting(3600));
    expect(await lookedUp({ report: listed(later) })).toMatchObject({ state: 'pending', attempting: true });
    report();
    expect(await lookedUp({ report: listed(later) })).toMatchObject({ state: 'failed', resultBytes: [] });
    upload({}, 'b.tmp');
    const ignored = { upload: listed(UPLOADED, { key: 'b.tmp' }), report: listed(later) };
    expect(await lookedUp(ignored)).toMatchObject({ state: 'ignored', key: 'b.tmp' });
  });
});
