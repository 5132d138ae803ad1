import { AwsError } from '../../src/aws-error.ts';
import type { Journal } from '../../src/journal.ts';
import { seededRandom } from '../../src/random.ts';
import { createS3Model, type S3Model } from '../../src/s3/model.ts';
import type { Content, Segment } from '../../src/s3/version.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { fc } from '../../../../test/support/fuzz.ts';

export const BUCKETS = ['uploads', 'results'];
const KEYS = ['a', 'b'];
const at = { bucket: fc.constantFrom(...BUCKETS), key: fc.constantFrom(...KEYS) };
const number = fc.integer({ min: 1, max: 2 });
const which = fc.nat(5);
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), ...at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), ...at }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete version' as const), which, ...at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin parts' as const), ...at }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put part' as const), which, number }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('complete' as const), which, number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('versioning' as const),
      ...at,
      status: fc.constantFrom('Enabled' as const, 'Suspended' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete bucket' as const), ...at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('create bucket' as const), ...at }) },
);
export type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** A model over the journal, and the contents that it released. */
export function modelOver(journal: Journal, clock: FakeClock) {
  const released: Segment[] = [];
  const model = createS3Model({
    clock,
    journal,
    random: seededRandom(1),
    region: 'us-east-1',
    deliver: () => undefined,
    queueExists: () => true,
    release: (segments) => void released.push(...segments),
  });
  return { model, released };
}

/** Returns everything that a client can observe. */
export const stateOf = (model: S3Model) =>
  model.buckets().map((bucket) => ({
    name: bucket.name,
    createdAt: bucket.createdAt,
    settings: bucket.settings,
    versions: [...bucket.versions].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    listed: KEYS.filter((key) => bucket.versions.has(key)),
    uploads: model
      .uploads(bucket)
      .map(({ parts, ...upload }) => ({
        ...upload,
        parts: [...parts.values()].toSorted((a, b) => a.number - b.number),
      }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  }));

export const segmentsOf = (model: S3Model) =>
  model
    .buckets()
    .flatMap((bucket) => [
      ...[...bucket.versions.values()].flat().flatMap(({ segments }) => segments),
      ...model
        .uploads(bucket)
        .flatMap(({ parts }) => [...parts.values()].flatMap(({ segments }) => segments)),
    ]);

/** Performs operations sequentially. Those that S3 refuses change nothing. */
export function play(
  model: S3Model,
  clock: FakeClock,
  operations: readonly Operation[],
  /** Number of contents stored before, from which their names continue. */
  storedBefore = 0,
): string[] {
  const stored: string[] = [];
  const content = (): Content => {
    const id = `blob-${storedBefore + stored.length}`;
    stored.push(id);
    return { segments: [{ id, bytes: 1 }], bytes: 1, etag: String(stored.length).padStart(32, '0') };
  };
  const described = { headers: { 'content-type': 'text/plain' }, metadata: { of: 'a test' } };
  const upload = (index: number) => {
    const all = model.buckets().flatMap((bucket) => model.uploads(bucket));
    return all[index % Math.max(1, all.length)];
  };
  for (const each of operations) {
    clock.advance(1000);
    try {
      run(each);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
  }
  return stored;

  function run(each: Operation): void {
    switch (each.kind) {
      case 'put': {
        const write = model.begin(model.bucket(each.bucket), each.key);
        model.commit(write, { ...content(), ...described, event: 'ObjectCreated:Put' }, {});
        break;
      }
      case 'delete':
        model.delete(model.bucket(each.bucket), each.key, undefined, {});
        break;
      case 'delete version': {
        const bucket = model.bucket(each.bucket);
        const versions = bucket.versions.get(each.key) ?? [];
        const version = versions[each.which % Math.max(1, versions.length)];
        if (version !== undefined) model.delete(bucket, each.key, version.versionId, {});
        break;
      }
      case 'begin parts':
        model.createUpload(model.bucket(each.bucket), each.key, described);
        break;
      case 'put part': {
        const to = upload(each.which);
        if (to !== undefined) model.putPart(to, each.number, content());
        break;
      }
      case 'complete': {
        const from = upload(each.which);
        const part = from?.parts.get(each.number);
        if (from === undefined || part === undefined) break;
        const write = model.begin(model.bucket(from.bucket), from.key);
        model.completeUpload(from, { parts: [part] }, write, {});
        break;
      }
      case 'abort': {
        const gone = upload(each.which);
        if (gone !== undefined) model.abortUpload(gone);
        break;
      }
      case 'versioning':
        model.changeSettings(model.bucket(each.bucket), { versioning: each.status });
        break;
      case 'delete bucket':
        model.deleteBucket(each.bucket);
        break;
      case 'create bucket':
        model.createBucket(each.bucket);
    }
  }
}

export const operations = fc.array(operation, { maxLength: 60 });
