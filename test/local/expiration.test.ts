import { expect, it } from 'vitest';
import { noJournal, type S3Model } from '@millrace/local-aws/models';
import { FAILURE_RULES, OLD_VERSION_DAYS, RESULT_RULES, uploadRules } from '../../src/core/lifecycle.ts';
import { fakeClock } from '../../packages/local-aws/test/support/fake-clock.ts';
import { cases, fc } from '../support/fuzz.ts';
import { memoryJournal } from '../../packages/local-aws/test/support/memory-journal.ts';
import {
  BUCKETS,
  modelOver,
  operations,
  play,
  segmentsOf,
  stateOf,
} from '../../packages/local-aws/test/s3/played.ts';

const DAY = 86_400_000;
const days = fc.nat(80);

/** Returns what a reader finds under each key. */
const currentOf = (model: S3Model) =>
  model.buckets().flatMap((bucket) =>
    [...bucket.versions].flatMap(([key, versions]) => {
      const current = versions.at(-1);
      return current === undefined || current.deleteMarker ? [] : [{ bucket: bucket.name, key, current }];
    }),
  );

const oldOf = (model: S3Model, only?: string) =>
  model
    .buckets()
    .filter(({ name }) => only === undefined || name === only)
    .flatMap((bucket) => [...bucket.versions.values()].flatMap((each) => each.slice(0, -1)));

function expireAll(model: S3Model): void {
  for (const bucket of model.buckets()) for (const _ of model.expire(bucket));
}

it("no lifecycle rule of the pipeline's buckets removes a current upload, result or report", async () => {
  const rules = { uploads: uploadRules(), results: [...RESULT_RULES, ...FAILURE_RULES] };
  await fc.assert(
    fc.asyncProperty(operations, days, operations, days, async (first, passed, second, left) => {
      const journal = memoryJournal();
      const clock = fakeClock();
      const { model, released } = modelOver(journal, clock);
      for (const name of BUCKETS) model.createBucket(name);
      const stored = play(model, clock, first);
      clock.advance(passed * DAY);
      stored.push(...play(model, clock, second, stored.length));
      clock.advance(left * DAY);
      for (const bucket of model.buckets())
        model.changeSettings(bucket, { lifecycle: rules[bucket.name as keyof typeof rules] });
      const current = currentOf(model);
      const old = oldOf(model);

      expireAll(model);
      expect(currentOf(model)).toEqual(current);
      if (left >= OLD_VERSION_DAYS) expect(oldOf(model, 'uploads')).toEqual([]);
      if (passed + left < OLD_VERSION_DAYS - 1) expect(oldOf(model)).toEqual(old);
      // Only the contents of remaining objects.
      const used = new Set(segmentsOf(model).map(({ id }) => id));
      expect(released.map(({ id }) => id).toSorted()).toEqual(
        stored.filter((id) => !used.has(id)).toSorted(),
      );
      const after = modelOver(journal, clock);
      await after.model.restore();
      expect(stateOf(after.model)).toEqual(stateOf(model));
    }),
    { numRuns: cases(300) },
  );
});

it("the operations' objects in the failure bucket expire after their days, and reports never expire", () => {
  const clock = fakeClock();
  const { model } = modelOver(noJournal, clock);
  model.createBucket('failures');
  const bucket = model.bucket('failures');
  model.changeSettings(bucket, { lifecycle: [...FAILURE_RULES] });
  const kept = ['photo.jpg.json', '.millrace', '.millrace/other', 'a/.millrace/archive/b'];
  const expires = ['archive', 'redrives', 'progress'].map((name) => `.millrace/${name}/1.json`);
  for (const key of [...kept, ...expires]) {
    const content = { segments: [], bytes: 0, etag: 'e', headers: {}, metadata: {} };
    model.commit(model.begin(bucket, key), { ...content, event: 'ObjectCreated:Put' }, {});
  }
  clock.advance(21 * DAY - 1);
  expireAll(model);
  expect(bucket.versions.size).toBe(kept.length + expires.length);
  clock.advance(1);
  expireAll(model);
  expect([...bucket.versions.keys()].toSorted()).toEqual(kept.toSorted());
  clock.advance(1000 * DAY);
  expireAll(model);
  expect(bucket.versions.size).toBe(kept.length);
});

it('versions do not age while the pipeline is not running', async () => {
  const journal = memoryJournal();
  const clock = fakeClock();
  const { model } = modelOver(journal, clock);
  model.createBucket('uploads');
  model.changeSettings(model.bucket('uploads'), { lifecycle: uploadRules() });
  play(model, clock, [
    { kind: 'versioning', bucket: 'uploads', key: 'a', status: 'Enabled' },
    { kind: 'put', bucket: 'uploads', key: 'a' },
    { kind: 'put', bucket: 'uploads', key: 'a' },
  ]);
  const later = fakeClock(clock.now() + 1000 * DAY);
  const after = modelOver(journal, later);
  await after.model.restore();
  later.advance(29 * DAY);
  expireAll(after.model);
  expect(oldOf(after.model)).toHaveLength(1);
  later.advance(DAY);
  expireAll(after.model);
  expect(oldOf(after.model)).toHaveLength(0);
});
