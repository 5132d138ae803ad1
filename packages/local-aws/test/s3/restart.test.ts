import { describe, expect, it } from 'vitest';
import { fakeClock } from '../support/fake-clock.ts';
import { cases, fc } from '../../../../test/support/fuzz.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { BUCKETS, modelOver, operations, play, segmentsOf, stateOf, type Operation } from './played.ts';

/** Performs operations in a process, and starts another one on its data. */
async function restart(happened: readonly Operation[]) {
  const journal = memoryJournal();
  const clock = fakeClock();
  const before = modelOver(journal, clock);
  for (const name of BUCKETS) before.model.createBucket(name);
  const stored = play(before.model, clock, happened);
  const after = modelOver(journal, clock);
  await after.model.restore();
  const contents = [...after.model.contents()];
  const blobs = new Set(contents.flatMap(({ segments }) => segments.map(({ id }) => id)));
  return { before, after, stored, blobs };
}

describe('after a restart', () => {
  it('S3 is unchanged: nothing removed is back, and nothing kept is gone', async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (happened) => {
        const { before, after } = await restart(happened);
        expect(stateOf(after.model)).toEqual(stateOf(before.model));
      }),
      { numRuns: cases(300) },
    );
  });

  it('exactly the referenced contents are kept; each of the others was released once', async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (happened) => {
        const { before, stored, blobs } = await restart(happened);
        const used = new Set(segmentsOf(before.model).map(({ id }) => id));
        expect(blobs).toEqual(used);
        const released = before.released.map(({ id }) => id);
        expect(released.toSorted()).toEqual(stored.filter((id) => !used.has(id)).toSorted());
      }),
      { numRuns: cases(300) },
    );
  });

  it('version ids continue after the existing ones', async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (happened) => {
        const { after } = await restart(happened);
        const clock = fakeClock(0);
        const [bucket] = after.model.buckets();
        if (bucket === undefined) return;
        const before = (bucket.versions.get('a') ?? []).map(({ sequence }) => sequence);
        play(after.model, clock, [{ kind: 'put', bucket: bucket.name, key: 'a' }]);
        expect(after.model.find(bucket, 'a').sequence).toBeGreaterThan(Math.max(0, ...before));
      }),
    );
  });

  it('no object has an earlier time than one stored before it, even if the clock went back', async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (happened) => {
        const journal = memoryJournal();
        const before = modelOver(journal, fakeClock());
        for (const name of BUCKETS) before.model.createBucket(name);
        play(before.model, fakeClock(), happened);
        const after = modelOver(journal, fakeClock(0));
        await after.model.restore();
        const [bucket] = after.model.buckets();
        if (bucket === undefined) return;
        const times = [...bucket.versions.values()].flat().map(({ lastModified }) => lastModified);
        play(after.model, fakeClock(0), [{ kind: 'put', bucket: bucket.name, key: 'a' }]);
        expect(after.model.find(bucket, 'a').lastModified).toBeGreaterThanOrEqual(Math.max(0, ...times));
      }),
    );
  });
});
