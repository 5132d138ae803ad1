import { HeadObjectCommand, type ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { byUtf8, fakeS3, type Stored } from '../support/fake-s3.ts';
import { cases, fc } from '../support/fuzz.ts';
import { describe, expect, it } from 'vitest';
import { failureKey } from '../../src/core/keys.ts';
import { renditionsOf, resultKey, resultKeys } from '../../src/core/result-keys.ts';
import { writeResultMetadata } from '../../src/core/result-metadata.ts';
import { longestAttempt, type StatusScope } from '../../src/ops/object-status.ts';
import { listUploadStates, type UploadState } from '../../src/ops/list-upload-states.ts';

/** A pipeline on the buckets of `fakeS3`. */
const SCOPE: StatusScope = {
  uploadBuckets: ['a'],
  resultBucket: 'r',
  failureBucket: 'f',
  renditions: ['web'],
  recipeId: 'r',
  ignore: [],
  generation: 2,
};

const scopes = fc.constantFrom<StatusScope>(
  ...[['a'], ['a', 'b-2']].flatMap((uploadBuckets) =>
    [
      { renditions: ['web'] },
      { renditions: ['large', 'thumb'] },
      { renditions: ['web'], rules: [{ keys: ['p/a*'], renditions: ['text'] }] },
      {
        renditions: ['web'],
        rules: [{ keys: ['p/x/**'], renditions: ['text'] }, { renditions: ['page', 'text'] }],
      },
      { renditions: ['large', 'thumb'], rules: [{ keys: ['*b', 'q'], renditions: ['thumb', 'text'] }] },
      { renditions: ['web'], extensions: { web: 'webp' } },
      {
        renditions: ['large', 'thumb'],
        extensions: { large: 'webp', thumb: 'b' },
        rules: [{ keys: ['*b', 'q'], renditions: ['thumb'], extensions: { thumb: 'b' } }],
      },
    ].map((names) => ({
      ...names,
      uploadBuckets,
      resultBucket: 'results',
      failureBucket: 'failures',
      recipeId: 'r',
      ignore: [],
      generation: 2,
    })),
  ),
);
const keys = fc.constantFrom(
  'p/a',
  'p/a b',
  'p/a b c',
  'p/a+b+c',
  'p/a+b',
  'p/ab',
  'p/a.b',
  'p/a.webp',
  'p/é',
  'p/😀',
  'p/\uffee',
  'p/x/y',
  'p/%41',
  'q',
);
const step = (some: string[]) =>
  fc.record({
    key: fc.constantFrom(...some),
    bucket: fc.nat(1),
    rendition: fc.nat(1),
    seconds: fc.constantFrom(0, 0, 0, 1, 600),
    inParts: fc.boolean(),
    kind: fc.constantFrom(
      'upload',
      'upload',
      'convert',
      'convert',
      'convert by an older recipe',
      'fail',
      'attempt',
      'delete',
      'delete the newest version',
    ),
  });
/** Many events for few keys, so that several affect the same key in the same second. */
const steps = fc
  .uniqueArray(keys, { minLength: 1, maxLength: 4 })
  .chain((some) => fc.array(step(some), { maxLength: 40 }));
type Step = typeof steps extends fc.Arbitrary<(infer T)[]> ? T : never;

/** For any key; reports are found by their keys. */
function reportOf({ etag, versionId, at: uploadedAt }: Stored, at: number, status: 'failed' | 'attempting') {
  return {
    version: 1,
    status,
    code: 'image.corrupt',
    message: 'm',
    bucket: 'a',
    key: 'k',
    source: {
      etag,
      ...(versionId === undefined ? {} : { versionId }),
      lastModified: new Date(uploadedAt).toISOString(),
    },
    recipe: 'r',
    attempt: 5,
    at: new Date(at).toISOString(),
    messageId: '',
    requestId: '',
    logGroup: '',
    logStream: '',
  };
}

/** Performs steps like the pipeline, and derives each upload's expected state from its objects. */
function play(scope: StatusScope, happened: Step[], pageSize: number, versioned = false) {
  const { inBucket, ...fake } = fakeS3(pageSize);
  /** Versions before the current one. */
  const older = new Map<Map<string, Stored>, Map<string, Stored[]>>();
  const olderOf = (bucket: Map<string, Stored>, key: string) => {
    const ofBucket = older.get(bucket) ?? new Map<string, Stored[]>();
    older.set(bucket, ofBucket);
    const versions = ofBucket.get(key) ?? [];
    ofBucket.set(key, versions);
    return versions;
  };
  const total = happened.reduce((sum, { seconds }) => sum + seconds, 0);
  let at = (Math.floor(Date.now() / 1000) - total) * 1000;
  for (const [index, { key, bucket: whichBucket, rendition, seconds, inParts, kind }] of happened.entries()) {
    at += seconds * 1000;
    const bucket = scope.uploadBuckets[whichBucket % scope.uploadBuckets.length] ?? '';
    const object = { bucket, key };
    const source = inBucket(bucket).get(key);
    if (kind === 'upload') {
      if (versioned && source !== undefined) olderOf(inBucket(bucket), key).push(source);
      // Contents may be equal only with versions; without them, only contents could distinguish uploads.
      const content = versioned ? index % 2 : index;
      const version = versioned ? { versionId: `v${index}` } : {};
      inBucket(bucket).set(key, { at, etag: `"${content}${inParts ? '-2' : ''}"`, ...version });
    }
    if (kind === 'delete') inBucket(bucket).delete(key);
    if (kind === 'delete the newest version') {
      const before = olderOf(inBucket(bucket), key).pop();
      if (before !== undefined) inBucket(bucket).set(key, before);
    }
    if (source === undefined) continue;
    const version = source.versionId === undefined ? {} : { sourceVersionId: source.versionId };
    if (kind.startsWith('convert')) {
      const names = renditionsOf(key, scope);
      const name = names[rendition % names.length] ?? '';
      const metadata = writeResultMetadata({
        ...version,
        sourceEtag: source.etag.replaceAll('"', ''),
        recipe: 'r',
        generation: kind === 'convert' ? 2 : 1,
        stamp: 's',
        rendition: name,
        width: 1,
        height: 1,
      });
      inBucket(scope.resultBucket).set(resultKey(object, name, scope), { at, etag: '"r"', metadata });
    }
    if (kind === 'fail' || kind === 'attempt') {
      const report = reportOf(source, at, kind === 'fail' ? 'failed' : 'attempting');
      inBucket(scope.failureBucket).set(failureKey(object, scope), {
        at,
        etag: '"f"',
        body: JSON.stringify(report),
        metadata: { of: source.versionId ?? source.etag, status: report.status },
      });
    }
  }
  const naive = (prefix: string) =>
    scope.uploadBuckets
      .flatMap((bucket) => [...inBucket(bucket)].map(([key, upload]) => ({ bucket, key, upload })))
      .filter(({ key }) => key.startsWith(prefix))
      .toSorted((x, y) => byUtf8(x.key, y.key))
      .map(({ bucket, key, upload }) => {
        const results = resultKeys({ bucket, key }, scope).map((each) =>
          inBucket(scope.resultBucket).get(each),
        );
        const report = inBucket(scope.failureBucket).get(failureKey({ bucket, key }, scope));
        const name = upload.versionId === undefined ? 'source-etag' : 'source-version-id';
        const own = upload.versionId ?? upload.etag.replaceAll('"', '');
        const converted = results.every((result) => result?.metadata?.[name] === own);
        const stale = results.some((result) => result?.metadata?.generation === '1');
        // A result from the second in which an attempt started may be the attempt's own.
        const reportedAt = (report?.at ?? 0) - (report?.metadata?.status === 'attempting' ? 1 : 0);
        const refused = stale && results.every((result) => (result?.at ?? 0) <= reportedAt);
        const over =
          report?.metadata?.status === 'failed' || Date.now() - (report?.at ?? 0) > longestAttempt(5);
        const failed = report?.metadata?.of === (upload.versionId ?? upload.etag) && over;
        if (failed && (refused || !converted)) return { bucket, key, state: 'failed' };
        return converted ? { bucket, key, state: 'converted', stale } : { bucket, key, state: 'pending' };
      });
  return { ...fake, inBucket, naive };
}

async function collect(entries: AsyncIterable<UploadState>): Promise<UploadState[]> {
  const all: UploadState[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

const short = ({ bucket, key, state }: { bucket: string; key: string; state: string }) => ({
  bucket,
  key,
  state,
});
const exact = ({ stale, ...entry }: UploadState) => ({
  ...short(entry),
  ...(stale === undefined ? {} : { stale }),
});

describe('reconcile', () => {
  it("reports each upload's state in key order, whatever happened in which second", async () => {
    await fc.assert(
      fc.asyncProperty(
        scopes,
        steps,
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('p/', 'p/a', ''),
        async (scope, happened, pageSize, prefix) => {
          const world = play(scope, happened, pageSize);
          const entries = await collect(listUploadStates(world.s3, scope, prefix));
          expect(entries.map(short)).toEqual(world.naive(prefix).map(short));
        },
      ),
      { numRuns: cases(1500) },
    );
  });

  it('detects deleted versions, equal contents and older recipes if it checks each object', async () => {
    await fc.assert(
      fc.asyncProperty(scopes, steps, fc.boolean(), async (scope, happened, versioned) => {
        const world = play(scope, happened, 2, versioned);
        const entries = await collect(listUploadStates(world.s3, scope, '', { basis: 'objects' }));
        expect(entries.map(exact)).toEqual(world.naive(''));
      }),
      { numRuns: cases(1000) },
    );
  });

  it('starts after a key with the same results as from the beginning', async () => {
    await fc.assert(
      fc.asyncProperty(scopes, steps, keys, async (scope, happened, after) => {
        const world = play(scope, happened, 2);
        const entries = await collect(listUploadStates(world.s3, scope, '', { after }));
        expect(entries.map(short)).toEqual(
          world
            .naive('')
            .filter(({ key }) => byUtf8(key, after) > 0)
            .map(short),
        );
      }),
      { numRuns: cases(300) },
    );
  });

  it.each(['listings', 'objects'] as const)(
    'recognizes ignored uploads by %s, without a request',
    async (basis) => {
      const scope = { ...SCOPE, ignore: ['*.tmp'] };
      const { s3, inBucket, requests } = fakeS3(1000);
      for (const key of ['a.tmp', 'a.tmp/b', 'c'])
        for (const bucket of ['a', 'r', 'f']) inBucket(bucket).set(key, { at: 1000, etag: '"e"' });
      const states = (await collect(listUploadStates(s3, scope, 'a.tmp', { basis }))).map(
        ({ key, state }) => [key, state],
      );
      expect(states[0]).toEqual(['a.tmp', 'ignored']);
      expect(states[1]?.[1]).not.toBe('ignored');
      const before = requests.length;
      inBucket('a').delete('a.tmp/b');
      expect(await collect(listUploadStates(s3, scope, 'a.tmp', { basis }))).toMatchObject([
        { state: 'ignored' },
      ]);
      expect(new Set(requests.slice(before))).toEqual(new Set(['list']));
    },
  );

  it('requests only listings if they are sufficient', async () => {
    const { s3, inBucket, requests } = fakeS3(1000);
    const at = Date.now() - 2 * longestAttempt(0);
    for (let index = 0; index < 2500; index += 1) {
      const key = String(index).padStart(5, '0');
      inBucket('a').set(key, { at, etag: '"e"' });
      if (index % 10 !== 9) inBucket('r').set(key, { at: at + 1000, etag: '"r"' });
      if (index % 100 === 99) inBucket('f').set(key, { at: at + 1000, etag: '"f"' });
    }
    const states = (await collect(listUploadStates(s3, SCOPE, ''))).map(({ state }) => state);
    expect(
      ['converted', 'failed', 'pending'].map((state) => states.filter((each) => each === state).length),
    ).toEqual([2250, 25, 225]);
    expect(new Set(requests)).toEqual(new Set(['list']));
    expect(requests).toHaveLength(3 + 3 + 1);
  });

  it.each([
    ['before', 2000],
    ['after', 9000],
  ])(
    'reports an upload that overwrote one during its conversion, and failed %s its end',
    async (_, later) => {
      const { s3, inBucket } = fakeS3(1000);
      const at = Date.now() - 2 * longestAttempt(0);
      const metadata = writeResultMetadata({
        sourceEtag: 'first',
        recipe: 'r',
        generation: 2,
        stamp: 's',
        rendition: 'web',
        width: 1,
        height: 1,
      });
      const upload = { at, etag: '"second"' };
      inBucket('a').set('k', upload);
      inBucket('r').set('k', { at: at + 5000, etag: '"r"', metadata });
      const body = JSON.stringify(reportOf(upload, at + later, 'failed'));
      inBucket('f').set('k', { at: at + later, etag: '"f"', body });
      expect((await collect(listUploadStates(s3, SCOPE, ''))).map(short)).toEqual([
        { bucket: 'a', key: 'k', state: 'failed' },
      ]);
    },
  );

  it('reports a failed listing when it reaches it', async () => {
    const { s3, inBucket } = fakeS3(2);
    for (const key of ['1', '2', '3', '4', '5']) inBucket('a').set(key, { at: Date.now(), etag: '"e"' });
    let lists = 0;
    const failing = {
      send(command: unknown) {
        lists += 1;
        return lists > 4 ? Promise.reject(new Error('S3 is down')) : s3.send(command as ListObjectsV2Command);
      },
    } as unknown as S3Client;
    await expect(collect(listUploadStates(failing, SCOPE, ''))).rejects.toThrow('S3 is down');
  });
});

describe('reconcile with object checks', () => {
  const scope = { ...SCOPE, renditions: ['large', 'thumb'] };
  const result = (rendition: string, generation = 2) => ({
    at: 2000,
    etag: '"r"',
    metadata: writeResultMetadata({
      sourceEtag: 'e',
      recipe: 'r',
      generation,
      stamp: 's',
      rendition,
      width: 1,
      height: 1,
    }),
  });

  it('an upload is stale when any of its results is', async () => {
    const { s3, inBucket } = fakeS3(1000);
    inBucket('a').set('k', { at: 1000, etag: '"e"' });
    inBucket('r').set('large/k', result('large'));
    inBucket('r').set('thumb/k', result('thumb', 1));
    expect((await collect(listUploadStates(s3, scope, '', { basis: 'objects' }))).map(exact)).toEqual([
      { bucket: 'a', key: 'k', state: 'converted', stale: true },
    ]);
  });

  it('sends no requests for uploads that the listings show with neither all results nor a report', async () => {
    const { s3, inBucket, requests } = fakeS3(1000);
    inBucket('a').set('k', { at: 1000, etag: '"e"' });
    inBucket('r').set('large/k', result('large'));
    expect((await collect(listUploadStates(s3, scope, '', { basis: 'objects' }))).map(exact)).toEqual([
      { bucket: 'a', key: 'k', state: 'pending' },
    ]);
    expect(new Set(requests)).toEqual(new Set(['list']));
  });

  it('leaves out objects that were deleted since they were listed', async () => {
    const { s3, inBucket } = fakeS3(1000);
    for (const key of ['k', 'l']) {
      inBucket('a').set(key, { at: 1000, etag: '"e"' });
      for (const rendition of scope.renditions) inBucket('r').set(`${rendition}/${key}`, result(rendition));
    }
    const deleting = {
      send(command: unknown) {
        if (command instanceof HeadObjectCommand) inBucket('a').delete('k');
        return s3.send(command as ListObjectsV2Command);
      },
    } as unknown as S3Client;
    expect((await collect(listUploadStates(deleting, scope, '', { basis: 'objects' }))).map(exact)).toEqual([
      { bucket: 'a', key: 'l', state: 'converted', stale: false },
    ]);
  });
});
