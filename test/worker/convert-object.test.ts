import { beforeEach, describe, expect, it } from 'vitest';
import { Rejected, Retryable } from '../../src/core/errors.ts';
import { parseRecipe, recipeId, type Recipe } from '../../src/core/recipe.ts';
import { sourceNameOf } from '../../src/core/result-metadata.ts';
import type { Config } from '../../src/worker/config.ts';
import type { ConversionJob, MadeResult } from '../../src/core/conversion.ts';
import { createConvertObject } from '../../src/worker/convert-object.ts';
import { createFailureReports } from '../../src/worker/failure-reports.ts';
import { createRemoveResults } from '../../src/worker/remove-results.ts';
import type { NewObject, Storage } from '../../src/worker/storage.ts';
import type { Telemetry } from '../../src/worker/telemetry.ts';
import { insteadOfImages } from '../support/conversions.ts';

/** An in-process S3 that controls the order of writes and lost responses, and records requests. */
interface Stored {
  etag: string;
  versionId?: string;
  body: Buffer;
  metadata: Record<string, string>;
}
let objects: Map<string, Stored>;
let requests: string[];
let writes: number;
/** What happens to a write; by default, it takes effect. */
let onWrite: (write: () => { etag: string } | 'lost', path: string) => { etag: string } | 'lost';

function find(path: string) {
  const stored = objects.get(path);
  if (stored === undefined) return undefined;
  const { etag, versionId, body, metadata } = stored;
  const lastModified = '2026-01-01T00:00:00.000Z';
  const identity = { etag, lastModified, ...(versionId === undefined ? {} : { versionId }) };
  return { identity, metadata, bytes: body.byteLength, body };
}
function store(path: string, { body, metadata }: Pick<NewObject, 'body' | 'metadata'>) {
  const etag = `"${(writes += 1)}"`;
  if (typeof body !== 'string' && 'file' in body) throw new Error('expected bytes');
  objects.set(path, { etag, body: Buffer.from(body), metadata });
  return { etag };
}
const storage: Storage = {
  async head(bucket, key) {
    requests.push(`head ${bucket}/${key}`);
    return find(`${bucket}/${key}`);
  },
  async open(bucket, key) {
    requests.push(`open ${bucket}/${key}`);
    const found = find(`${bucket}/${key}`);
    if (found === undefined) return undefined;
    const read = async () => {
      requests.push('read');
      return found.body;
    };
    async function* stream() {
      requests.push('stream');
      yield found?.body ?? Buffer.alloc(0);
    }
    return { ...found, read, stream, discard: () => void requests.push('discard') };
  },
  async putIf(expected, bucket, key, object) {
    const path = `${bucket}/${key}`;
    requests.push(`put ${path} ${expected === 'absent' ? expected : expected.etag}`);
    return onWrite(() => {
      const now = objects.get(path)?.etag;
      if (expected === 'absent' ? now !== undefined : expected.etag !== now) return 'lost';
      return store(path, object);
    }, path);
  },
  async deleteIf(etag, bucket, key) {
    const path = `${bucket}/${key}`;
    requests.push(`delete ${path} ${etag}`);
    if (objects.get(path)?.etag === etag) objects.delete(path);
    return !objects.has(path);
  },
};

let convert: (content: Uint8Array, job: ConversionJob<unknown>) => Promise<readonly MadeResult[]>;
let stamped: boolean;
let whenDeleted: 'keep' | 'delete';
let begin: <T>(run: () => Promise<T>) => Promise<T>;
let phases: string[];
const telemetry = {
  phase(name: string, run: () => Promise<unknown>) {
    phases.push(name);
    return run();
  },
} as unknown as Telemetry;

const ONE = parseRecipe('{"renditions":[{"name":"web"}],"limits":{"bytes":10}}');
const TWO = parseRecipe('{"renditions":[{"name":"web"},{"name":"thumb"}],"limits":{"bytes":10}}');
const object = { bucket: 'uploads', key: 'a.jpg' };
/** The identity of the first upload. */
const CAT = { etag: '"e-cat"', versionId: 'v1', lastModified: '2026-01-01T00:00:00.000Z' };
const away = new Retryable('storage.unavailable', 'S3 is away');

function bring(of = object, recipe: Recipe = ONE, generation = 5) {
  const config = {
    uploadBuckets: ['uploads'],
    resultBucket: 'results',
    failureBucket: 'failures',
    recipe,
    recipeId: recipeId(recipe),
    generation,
    whenDeleted,
    ignore: [],
  } as unknown as Config;
  const conversions = insteadOfImages((content, job) => convert(content, job), { stamped });
  const removeResults = createRemoveResults({
    config,
    storage,
    reports: createFailureReports({ storage, config }),
  });
  return createConvertObject({ config, storage, conversions, removeResults, telemetry })(of, (run) =>
    begin(run),
  );
}
const thrown = (of = object, recipe = ONE) => bring(of, recipe).catch((error: unknown) => error);

/** Uploads contents, as a version if there is an id. */
function upload(body: string, versionId?: string, key = object.key): void {
  const etag = `"e-${body}"`;
  const versions = versionId === undefined ? {} : { versionId };
  objects.set(`uploads/${key}`, { etag, body: Buffer.from(body), metadata: {}, ...versions });
}
const resultOf = (key = object.key) => objects.get(`results/${key}`);

beforeEach(() => {
  objects = new Map();
  requests = [];
  phases = [];
  writes = 0;
  onWrite = (write) => write();
  begin = (run) => run();
  stamped = true;
  whenDeleted = 'keep';
  convert = async (content, { renditions, stamp }) =>
    renditions.map((rendition) => ({
      rendition,
      body: Buffer.from(`${rendition} ${Buffer.from(content).toString()} ${stamp}`),
      contentType: 'image/webp',
      metadata: { width: '4', height: '3' },
    }));
  upload('cat', 'v1');
});

describe('an upload', () => {
  it('is converted: its result is checked before it is read, and states its source', async () => {
    expect(await bring()).toEqual({
      kind: 'converted',
      source: CAT,
      results: [
        { rendition: 'web', key: 'a.jpg', contentType: 'image/webp', bytes: 12, width: 4, height: 3 },
      ],
      sourceBytes: 3,
    });
    expect(requests).toEqual([
      'head results/a.jpg',
      'open uploads/a.jpg',
      'read',
      'put results/a.jpg absent',
    ]);
    expect(phases).toEqual(['check', 'open', 'read', 'convert', 'store']);
    expect(String(resultOf()?.body)).toBe('web cat v1.5');
    expect(resultOf()?.metadata).toEqual({
      'source-name': sourceNameOf(object),
      'source-version-id': 'v1',
      'source-etag': 'e-cat',
      recipe: recipeId(ONE),
      generation: '5',
      stamp: 'v1.5',
      'stamp-in-bytes': 'true',
      rendition: 'web',
      extension: 'webp',
      width: '4',
      height: '3',
    });
  });

  it('is not fetched again for a duplicate message', async () => {
    await bring();
    requests = [];
    expect(await bring()).toEqual({ kind: 'current' });
    expect(requests).toEqual(['head results/a.jpg', 'head uploads/a.jpg']);
  });

  it("replaces exactly the previous upload's result", async () => {
    await bring();
    upload('dog', 'v2');
    requests = [];
    expect(await bring()).toMatchObject({ kind: 'converted', source: { versionId: 'v2' } });
    expect(requests.at(-1)).toBe('put results/a.jpg "1"');
    expect(String(resultOf()?.body)).toBe('web dog v2.5');
  });

  it('without a version is converted each time, with a different stamp', async () => {
    upload('cat');
    await bring();
    const first = resultOf();
    expect(first?.metadata).not.toHaveProperty('source-version-id');
    expect(await bring()).toMatchObject({ kind: 'converted' });
    expect(resultOf()?.metadata['stamp']).not.toBe(first?.metadata['stamp']);
  });

  it('that is gone is not converted, whatever existed', async () => {
    await bring();
    objects.delete('uploads/a.jpg');
    expect(await bring()).toEqual({ kind: 'gone' });
    objects.clear();
    expect(await bring()).toEqual({ kind: 'gone' });
    expect(requests.filter((request) => request.startsWith('put'))).toHaveLength(1);
  });

  it('that is a folder placeholder is ignored, and its connection released', async () => {
    upload('', 'v1', 'a/');
    expect(await bring({ ...object, key: 'a/' })).toEqual({ kind: 'ignored' });
    expect(requests).toEqual(['head results/a/', 'open uploads/a/', 'discard']);
    upload('x', 'v2', 'a/');
    await bring({ ...object, key: 'a/' });
    upload('', 'v3', 'a/');
    requests = [];
    expect(await bring({ ...object, key: 'a/' })).toEqual({ kind: 'ignored' });
    expect(requests).toEqual(['head results/a/', 'head uploads/a/']);
  });
});

describe('several renditions', () => {
  it('have one key each, and only missing ones are made again', async () => {
    expect(await bring(object, TWO)).toMatchObject({
      results: [{ key: 'web/a.jpg' }, { key: 'thumb/a.jpg' }],
    });
    for (const name of ['web', 'thumb'])
      expect(String(resultOf(`${name}/a.jpg`)?.body)).toBe(`${name} cat v1.5`);
    objects.delete('results/thumb/a.jpg');
    requests = [];
    expect(await bring(object, TWO)).toMatchObject({ results: [{ key: 'thumb/a.jpg' }] });
    expect(requests.slice(2)).toEqual(['open uploads/a.jpg', 'read', 'put results/thumb/a.jpg absent']);
    expect(String(resultOf('thumb/a.jpg')?.body)).toBe('thumb cat v1.5');
  });

  it('are made again until all of them could be stored', async () => {
    const web: string[] = [];
    onWrite = (write, path) => {
      if (path !== 'results/web/a.jpg') return write();
      web.push(path);
      return web.length < 3 ? 'lost' : write();
    };
    expect(await bring(object, TWO)).toMatchObject({
      results: [{ key: 'thumb/a.jpg' }, { key: 'web/a.jpg' }],
    });
    expect(requests.filter((request) => request.startsWith('put results/thumb'))).toHaveLength(1);
  });
});

describe('the result of another deployment', () => {
  it('is replaced if it is older', async () => {
    await bring(object, ONE, 4);
    expect(await bring(object, ONE, 5)).toMatchObject({ kind: 'converted' });
    expect(resultOf()?.metadata['generation']).toBe('5');
  });

  it('is current if it is newer and from this upload', async () => {
    await bring(object, ONE, 6);
    expect(await bring(object, ONE, 5)).toEqual({ kind: 'current' });
  });

  it.each(['v2', undefined])(
    'is left to that deployment if it may be from another upload (version %s)',
    async (versionId) => {
      await bring(object, ONE, 6);
      upload('dog', versionId);
      requests = [];
      expect(await thrown()).toMatchObject({ name: 'Retryable', code: 'recipe.outdated' });
      expect(requests).toEqual(['head results/a.jpg', 'head uploads/a.jpg']);
      expect(resultOf()?.metadata['generation']).toBe('6');
    },
  );

  it('releases the connection if this is known only once the upload is open', async () => {
    upload('cat');
    await bring(object, ONE, 6);
    requests = [];
    expect(await thrown()).toMatchObject({ code: 'recipe.outdated' });
    expect(requests).toEqual(['head results/a.jpg', 'open uploads/a.jpg', 'discard']);
  });

  it('is current if checking the upload found an older version, and opening it the converted one', async () => {
    upload('dog', 'v2');
    await bring();
    const { head } = storage;
    const heads: string[] = [];
    storage.head = async (bucket, key) => {
      heads.push(key);
      const older = {
        identity: { etag: '"e-cat"', versionId: 'v1', lastModified: '' },
        metadata: {},
        bytes: 3,
      };
      return heads.length === 2 ? older : head(bucket, key);
    };
    requests = [];
    try {
      expect(await bring()).toEqual({ kind: 'current' });
    } finally {
      storage.head = head;
    }
    expect(requests).toEqual(['head results/a.jpg', 'open uploads/a.jpg', 'discard']);
  });
});

describe('a rejection', () => {
  const error = new Rejected('image.corrupt', 'cut off');

  it('states its upload', async () => {
    convert = () => Promise.reject(error);
    expect(await bring()).toEqual({ kind: 'rejected', error, source: find('uploads/a.jpg')?.identity });
    expect(resultOf()).toBeUndefined();
  });

  it('of an upload with too many bytes happens before it is read', async () => {
    upload('x'.repeat(11), 'v1');
    expect(await bring()).toMatchObject({
      kind: 'rejected',
      error: { code: 'source.too_large', message: expect.stringContaining('11') },
      source: { versionId: 'v1' },
    });
    expect(requests).toEqual(['head results/a.jpg', 'open uploads/a.jpg', 'discard']);
    upload('x'.repeat(10), 'v2');
    expect(await bring()).toMatchObject({ kind: 'converted' });
  });

  it('for a key that is too long for its results reads nothing', async () => {
    const long = { ...object, key: 'k'.repeat(1020) };
    expect(await bring(long, TWO)).toEqual({ kind: 'gone' });
    upload('cat', 'v1', long.key);
    const outcome = await bring(long, TWO);
    expect(outcome).toMatchObject({ kind: 'rejected', error: { code: 'key.too_long' } });
    expect(outcome).not.toHaveProperty('source');
    expect(requests).toEqual([`head uploads/${long.key}`, `head uploads/${long.key}`]);
    expect(await bring(long, ONE)).toMatchObject({ kind: 'converted' });
    const folder = { ...object, key: `${'k'.repeat(1020)}/` };
    upload('', 'v1', folder.key);
    expect(await bring(folder, TWO)).toEqual({ kind: 'ignored' });
  });
});

describe('a conversion', () => {
  it('that fails names the upload that it had read, even if there is a later one by then', async () => {
    const slow = new Retryable('conversion.timeout', 'it took longer than 30 s, its limit');
    convert = async () => {
      upload('dog', 'v2');
      throw slow;
    };
    expect(await thrown()).toMatchObject({ code: slow.code, message: slow.message, source: CAT });
    // A conversion may throw the same error for each upload.
    expect(await thrown()).toMatchObject({ code: slow.code, source: { versionId: 'v2' } });
  });

  it('that fails names no upload after a write without a response, which may still take effect', async () => {
    const slow = new Retryable('conversion.timeout', 'it took longer than 30 s, its limit');
    const first = convert;
    onWrite = () => {
      convert = () => Promise.reject(slow);
      throw away;
    };
    expect(await thrown()).toBe(slow);
    convert = first;
    onWrite = () => {
      convert = () => Promise.reject(slow);
      return 'lost';
    };
    expect(await thrown()).toMatchObject({ code: slow.code, source: CAT });
  });

  it('starts in a slot, and is abandoned if there is none', async () => {
    const full = new Retryable('batch.out_of_time', 'no slot');
    begin = () => Promise.reject(full);
    expect(await thrown()).toMatchObject({ code: 'batch.out_of_time', cause: full });
    expect(phases).toEqual(['check', 'open', 'read']);
  });

  it('that fails in a way nobody expected may be tried again', async () => {
    const bug = new TypeError('a bug');
    convert = () => Promise.reject(bug);
    expect(await thrown()).toMatchObject({ code: 'internal.unexpected', cause: bug });
    convert = async () => [];
    expect(await thrown()).toMatchObject({ message: expect.stringContaining('web') });
  });
});

describe('a write', () => {
  it('that is lost to another writer starts over with the current objects', async () => {
    let lost = 0;
    onWrite = (write, path) => {
      if ((lost += 1) === 1) store(path, { body: 'theirs', metadata: {} });
      return write();
    };
    expect(await bring()).toMatchObject({ kind: 'converted' });
    expect(requests.filter((request) => request.startsWith('put'))).toEqual([
      'put results/a.jpg absent',
      'put results/a.jpg "1"',
    ]);
  });

  it('is left to the other writers after three lost rounds', async () => {
    onWrite = () => 'lost';
    expect(await thrown()).toMatchObject({ name: 'Retryable', code: 'storage.contended' });
    expect(requests.filter((request) => request.startsWith('put'))).toHaveLength(3);
  });

  it.each([
    ['no answer came', () => Promise.reject(away)],
    ['a repeated request met its own result', () => Promise.resolve('lost' as const)],
  ])('counts as done if its result exists, even if %s', async (_what, answer) => {
    onWrite = (write) => {
      write();
      return answer() as never;
    };
    expect(await bring()).toMatchObject({ kind: 'converted', results: [{ key: 'a.jpg' }] });
    expect(requests.filter((request) => request.startsWith('put'))).toHaveLength(1);
  });

  it("that S3 never accepts fails with S3's last error", async () => {
    onWrite = () => {
      throw away;
    };
    expect(await thrown()).toBe(away);
    expect(requests.filter((request) => request.startsWith('put'))).toHaveLength(3);
  });

  it('fails as contended if the last round was lost, whatever S3 responded before', async () => {
    let rounds = 0;
    onWrite = () => {
      if ((rounds += 1) < 3) throw away;
      return 'lost';
    };
    expect(await thrown()).toMatchObject({ code: 'storage.contended' });
  });

  it('that fails in a way nobody expected may be tried again', async () => {
    const bug = new TypeError('a bug');
    onWrite = () => {
      throw bug;
    };
    expect(await thrown()).toBe(bug);
    expect(requests.filter((request) => request.startsWith('put'))).toHaveLength(1);
  });
});

describe('several results of an upload without a version', () => {
  const puts = () => requests.filter((request) => request.startsWith('put'));
  /** What another worker does after this worker has stored the thumb, and has lost the other result to it. */
  function meanwhile(changes: Record<string, string> | undefined): void {
    upload('cat');
    onWrite = (write, path) => {
      if (puts().length === 1) store(path, { body: 'theirs', metadata: {} });
      const put = write();
      const metadata = { ...objects.get(path)?.metadata, ...changes };
      if (puts().length === 2 && changes !== undefined) store(path, { body: 'theirs', metadata });
      return put;
    };
  }
  const ONCE = ['put results/web/a.jpg absent', 'put results/thumb/a.jpg absent'];

  it.each([
    ['stays', undefined],
    ['was replaced with equal contents', { stamp: 'theirs.5' }],
    ['was replaced by a later deployment with equal contents', { stamp: 'theirs.6', generation: '6' }],
  ])('are not all stored again if one write was lost and the other result %s', async (_what, changes) => {
    meanwhile(changes);
    const results = [{ key: 'thumb/a.jpg' }, { key: 'web/a.jpg' }];
    expect(await bring(object, TWO)).toMatchObject({ kind: 'converted', results });
    expect(puts()).toEqual([...ONCE, 'put results/web/a.jpg "1"']);
  });

  it.each([
    ['another upload', { 'source-etag': 'e-dog' }],
    ['an older recipe', { generation: '4' }],
  ])('are all stored again if the other result was replaced by that of %s', async (_what, changes) => {
    meanwhile(changes);
    expect(await bring(object, TWO)).toMatchObject({ kind: 'converted' });
    expect(puts()).toEqual([...ONCE, 'put results/web/a.jpg "1"', 'put results/thumb/a.jpg "3"']);
  });

  it('are all made for each message, as equal contents are not the same upload', async () => {
    upload('cat');
    await bring(object, TWO);
    await bring(object, TWO);
    expect(puts()).toHaveLength(4);
  });
});

describe('a result without a stamp', () => {
  beforeEach(() => {
    stamped = false;
  });
  /** Runs a function after each write that took effect. */
  const afterWrite = (run: (writes: number) => void) => {
    onWrite = (write) => {
      const put = write();
      run(writes);
      return put;
    };
  };

  it('is followed by another check of the source', async () => {
    expect(await bring()).toMatchObject({ kind: 'converted', source: { versionId: 'v1' } });
    expect(requests.slice(-2)).toEqual(['put results/a.jpg absent', 'head uploads/a.jpg']);
    expect(resultOf()?.metadata['stamp-in-bytes']).toBe('false');
  });

  it('is followed by one check after all renditions', async () => {
    await bring(object, TWO);
    expect(requests.filter((request) => request === 'head uploads/a.jpg')).toHaveLength(1);
    expect(requests.at(-1)).toBe('head uploads/a.jpg');
  });

  it.each([
    ['another version', 'cat', 'v2'],
    ['other content without versions', 'dog', undefined],
  ])('is made again if the source is %s by then', async (_what, body, versionId) => {
    upload('cat', versionId === undefined ? undefined : 'v1');
    afterWrite((count) => void (count === 1 && upload(body, versionId)));
    expect(await bring()).toMatchObject({ kind: 'converted', source: { etag: `"e-${body}"` } });
    expect(String(resultOf()?.body)).toContain(`web ${body}`);
    expect(requests.filter((request) => request.startsWith('put'))).toEqual([
      'put results/a.jpg absent',
      'put results/a.jpg "1"',
    ]);
  });

  it('is left alone if another writer has converted the new source in the meantime', async () => {
    afterWrite((count) => {
      if (count > 1) return;
      upload('dog', 'v2');
      const metadata = { ...resultOf()?.metadata, 'source-version-id': 'v2', stamp: 'v2.5' };
      store('results/a.jpg', { body: 'theirs', metadata });
    });
    expect(await bring()).toEqual({ kind: 'current' });
    expect(String(resultOf()?.body)).toBe('theirs');
  });

  it('is discarded if the source is gone by then', async () => {
    afterWrite(() => void objects.delete('uploads/a.jpg'));
    expect(await bring()).toEqual({ kind: 'gone' });
  });

  it('is not acknowledged if the source changes in every round', async () => {
    afterWrite((count) => upload('cat', `v${count + 1}`));
    expect(await thrown()).toMatchObject({ name: 'Retryable', code: 'storage.contended' });
    expect(requests.filter((request) => request.startsWith('put'))).toHaveLength(3);
    expect(requests.at(-1)).toBe('head uploads/a.jpg');
  });

  it('is not acknowledged if S3 does not answer the second check', async () => {
    const { head } = storage;
    storage.head = (bucket, key) => (bucket === 'uploads' ? Promise.reject(away) : head(bucket, key));
    try {
      expect(await thrown()).toBe(away);
    } finally {
      storage.head = head;
    }
    expect(resultOf()).toBeDefined();
  });

  it('needs the check even if only the key shows that its write took effect', async () => {
    onWrite = (write) => {
      write();
      upload('cat', 'v2');
      onWrite = (next) => next();
      throw away;
    };
    expect(await bring()).toMatchObject({ kind: 'converted', source: { versionId: 'v2' } });
    expect(resultOf()?.metadata['source-version-id']).toBe('v2');
  });
});

describe('a result with a stamp', () => {
  it('needs no second check of the source', async () => {
    await bring();
    expect(requests.at(-1)).toBe('put results/a.jpg absent');
    upload('dog', 'v2');
    await bring();
    expect(requests.at(-1)).toBe('put results/a.jpg "1"');
  });

  describe('that replaced one without a stamp', () => {
    const THEIRS = { 'source-name': sourceNameOf(object), 'source-version-id': 'v0', 'source-etag': 'e-cat' };
    /** What an outdated worker stores under a key of results, always with the same ETag. */
    const storeTheirs = (metadata: object, key = object.key) =>
      objects.set(`results/${key}`, {
        etag: '"theirs"',
        body: Buffer.from('theirs'),
        metadata: { ...THEIRS, recipe: 'r', generation: '4', stamp: 'v0.4', rendition: 'web', ...metadata },
      });
    /** Runs a function during the first conversion. */
    const meanwhile = (run: () => void) => {
      const converting = convert;
      convert = (content, job) => {
        convert = converting;
        run();
        return converting(content, job);
      };
    };

    it.each([
      ['a result', { 'stamp-in-bytes': 'false' }],
      ['a result of a version that did not record stamps', {}],
      ["an object without Millrace's metadata", { stamp: '' }],
    ])('is made again if %s was stored for a later upload with equal contents', async (_what, metadata) => {
      storeTheirs(metadata);
      meanwhile(() => {
        upload('cat', 'v2');
        storeTheirs({ ...metadata, 'source-version-id': 'v2' });
      });
      expect(await bring()).toMatchObject({ kind: 'converted', source: { versionId: 'v2' } });
      expect(resultOf()?.metadata['source-version-id']).toBe('v2');
      expect(requests.at(-1)).toBe('put results/a.jpg "1"');
    });

    it('is followed by another check of the source, even if other results were absent', async () => {
      storeTheirs({ rendition: 'thumb' }, 'thumb/a.jpg');
      await bring(object, TWO);
      expect(requests.slice(-3)).toEqual([
        'put results/web/a.jpg absent',
        'put results/thumb/a.jpg "theirs"',
        'head uploads/a.jpg',
      ]);
    });

    it('ends as gone if the source is gone by then', async () => {
      storeTheirs({});
      meanwhile(() => void objects.delete('uploads/a.jpg'));
      expect(await bring()).toEqual({ kind: 'gone' });
      expect(requests.at(-1)).toBe('head uploads/a.jpg');
    });

    it('is not acknowledged if S3 does not answer the second check', async () => {
      storeTheirs({});
      const { head } = storage;
      meanwhile(() => {
        storage.head = (bucket, key) => (bucket === 'uploads' ? Promise.reject(away) : head(bucket, key));
      });
      try {
        expect(await thrown()).toBe(away);
      } finally {
        storage.head = head;
      }
    });
  });
});
