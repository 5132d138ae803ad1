import { beforeEach, describe, expect, it } from 'vitest';
import { Retryable } from '../../src/core/errors.ts';
import { failureReportSchema, type FailureReport } from '../../src/core/failure-report.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { timingOf } from '../../src/core/timing.ts';
import type { Config } from '../../src/worker/config.ts';
import {
  createFailureReports,
  type FailureReports,
  type ReportContent,
} from '../../src/worker/failure-reports.ts';
import type { Expected } from '../../src/core/compare-and-set.ts';
import type { NewObject, Storage } from '../../src/worker/storage.ts';

/** An in-process bucket that controls the order of writes and lost responses. */
interface Stored {
  etag: string;
  object: NewObject;
}
let stored: Map<string, Stored>;
let source: { etag: string; versionId?: string; lastModified: string } | undefined;
let deleted: string[];
let looks: number;
/** What happens to a write; by default, it takes effect. */
let onWrite: (write: () => { etag: string } | 'lost') => { etag: string } | 'lost';
let writes: number;

const config = {
  recipe: DEFAULT_RECIPE,
  uploadBuckets: ['uploads'],
  failureBucket: 'failures',
  recipeId: 'r1',
  whenDeleted: 'keep',
} as unknown as Config;
const object = { bucket: 'uploads', key: 'a.jpg' };
const content: ReportContent = {
  status: 'failed',
  code: 'image.corrupt',
  message: 'cut off',
  attempt: 1,
  messageId: 'm1',
  requestId: 'q1',
  logGroup: 'g',
  logStream: 's',
};

const storage: Storage = {
  async head(bucket, key) {
    looks += 1;
    if (bucket === 'uploads') return source && { identity: source, metadata: {}, bytes: 1 };
    const found = stored.get(key);
    return (
      found && { identity: { etag: found.etag, lastModified: '' }, metadata: found.object.metadata, bytes: 1 }
    );
  },
  open: () => Promise.reject(new Error('not asked')),
  async putIf(expected: Expected, bucket, key, newObject) {
    expect(bucket).toBe('failures');
    expect(expected).toEqual(expected === 'absent' ? 'absent' : { etag: expect.any(String) });
    return onWrite(() => {
      const now = stored.get(key);
      if ((expected === 'absent' ? undefined : expected.etag) !== now?.etag) return 'lost';
      const etag = `"${(writes += 1)}"`;
      stored.set(key, { etag, object: newObject });
      return { etag };
    });
  },
  async deleteIf(etag, bucket, key) {
    deleted.push(`${bucket}/${key} ${etag}`);
    return true;
  },
};
let reports: FailureReports;
const reportOf = (key: string): FailureReport =>
  failureReportSchema.parse(JSON.parse(stored.get(key)?.object.body as string));
const away = new Retryable('storage.unavailable', 'S3 is away');

beforeEach(() => {
  stored = new Map();
  source = { etag: '"e1"', versionId: 'v1', lastModified: '2026-01-01T00:00:00.000Z' };
  deleted = [];
  looks = 0;
  writes = 0;
  reports = createFailureReports({ storage, config });
  onWrite = (write) => write();
});

describe('a failure report', () => {
  it('states which upload failed, why, and where its logs are', async () => {
    const before = Date.now();
    expect(await reports.store(object, content)).toEqual({ kind: 'stored', etag: '"1"' });
    const report = reportOf('a.jpg');
    expect(report).toEqual({
      ...content,
      version: 1,
      ...object,
      source,
      recipe: 'r1',
      at: expect.any(String),
      overAt: null,
    });
    expect(Date.parse(report.at)).toBeGreaterThanOrEqual(before);
    expect(looks, 'at the report and at the upload').toBe(2);
    expect(stored.get('a.jpg')?.object.contentType).toBe('application/json');
  });

  it('of an attempt states when it and all attempts after it must be over', async () => {
    await reports.store(object, { ...content, status: 'attempting', attempt: 4 });
    const { at, overAt } = reportOf('a.jpg');
    const { functionTimeoutSeconds, visibilityTimeoutSeconds } = timingOf(DEFAULT_RECIPE.limits);
    const seconds = (Date.parse(overAt ?? '') - Date.parse(at)) / 1000;
    expect(seconds).toBe(functionTimeoutSeconds + visibilityTimeoutSeconds);
  });

  it("is stored under its bucket's name if there are several", async () => {
    const several = createFailureReports({
      storage,
      config: { ...config, uploadBuckets: ['uploads', 'scans'] },
    });
    await several.store(object, content);
    expect([...stored.keys()]).toEqual(['uploads/a.jpg']);
    await several.withdraw(object, '"1"');
    expect(deleted).toEqual(['failures/uploads/a.jpg "1"']);
  });

  it('replaces the previous one', async () => {
    await reports.store(object, { ...content, status: 'attempting', code: 'process.died' });
    expect(await reports.store(object, content)).toEqual({ kind: 'stored', etag: '"2"' });
    expect(reportOf('a.jpg')).toMatchObject({ status: 'failed', code: 'image.corrupt' });
    expect(await reports.store(object, { ...content, code: 'retries.exhausted' })).toMatchObject({
      etag: '"3"',
    });
    expect(reportOf('a.jpg').code).toBe('retries.exhausted');
  });

  it('is not stored for an upload that is gone or was replaced', async () => {
    const rejected = { etag: '"e0"', versionId: 'v0', lastModified: '2025-01-01T00:00:00.000Z' };
    expect(await reports.store(object, content, rejected)).toEqual({ kind: 'superseded' });
    source = undefined;
    expect(await reports.store(object, content)).toEqual({ kind: 'gone' });
    expect(stored.size).toBe(0);
  });

  it('is stored for its upload while that is current', async () => {
    expect(await reports.store(object, content, source)).toMatchObject({ kind: 'stored' });
  });

  it('cannot be stored under a key that would be too long', async () => {
    expect(await reports.store({ ...object, key: 'k'.repeat(1025) }, content)).toEqual({
      kind: 'key too long',
    });
    expect(await reports.store({ ...object, key: 'k'.repeat(1024) }, content)).toMatchObject({
      kind: 'stored',
    });
  });
});

describe('the report of an attempt', () => {
  const attempt = { ...content, status: 'attempting', code: 'process.died', attempt: 2 } as const;

  it('keeps the final report of the same message about the same upload', async () => {
    await reports.store(object, content);
    expect(await reports.store(object, attempt)).toEqual({ kind: 'stored', etag: '"1"' });
    expect(reportOf('a.jpg').status).toBe('failed');
  });

  it('replaces the final report of another message', async () => {
    await reports.store(object, { ...content, messageId: 'm0' });
    await reports.store(object, attempt);
    expect(reportOf('a.jpg').status).toBe('attempting');
  });

  it.each([
    ['another version', { versionId: 'v2' }],
    ['other content without versions', { versionId: undefined, etag: '"e2"' }],
  ])('replaces the final report about %s', async (_what, other) => {
    await reports.store(object, content);
    source = { etag: '"e1"', lastModified: '2026-01-01T00:00:00.000Z', ...other } as typeof source;
    await reports.store(object, attempt);
    expect(reportOf('a.jpg').status).toBe('attempting');
  });

  it('replaces the report of an attempt that died', async () => {
    await reports.store(object, { ...attempt, attempt: 1 });
    await reports.store(object, attempt);
    expect(reportOf('a.jpg').attempt).toBe(2);
  });
});

describe('a report among other writers', () => {
  it('is written again if another one was faster', async () => {
    let lost = 0;
    onWrite = (write) => {
      if ((lost += 1) > 2) return write();
      stored.set('a.jpg', { etag: `"other ${lost}"`, object: { body: '{}', contentType: '', metadata: {} } });
      return write();
    };
    expect(await reports.store(object, content)).toMatchObject({ kind: 'stored' });
    expect(reportOf('a.jpg').code).toBe('image.corrupt');
  });

  it('is postponed after three lost rounds', async () => {
    let rounds = 0;
    onWrite = () => {
      rounds += 1;
      return 'lost';
    };
    await expect(reports.store(object, content)).rejects.toMatchObject({ code: 'storage.contended' });
    expect(rounds).toBe(3);
  });

  it('counts as stored if only the response was lost', async () => {
    onWrite = (write) => {
      write();
      throw away;
    };
    expect(await reports.store(object, content)).toEqual({ kind: 'stored', etag: '"1"' });
    expect(writes).toBe(1);
  });

  it("fails with S3's last error if S3 never accepts it", async () => {
    onWrite = () => {
      throw away;
    };
    await expect(reports.store(object, content)).rejects.toBe(away);
  });

  it('fails as contended if the last round was lost, whatever S3 responded before', async () => {
    let rounds = 0;
    onWrite = () => {
      if ((rounds += 1) < 3) throw away;
      return 'lost';
    };
    await expect(reports.store(object, content)).rejects.toMatchObject({ code: 'storage.contended' });
  });

  it('passes on unexpected errors', async () => {
    const error = new Error('a bug');
    let rounds = 0;
    onWrite = () => {
      rounds += 1;
      throw error;
    };
    await expect(reports.store(object, content)).rejects.toBe(error);
    expect(rounds).toBe(1);
  });
});
