import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { findFormer } from '../../../src/cli/orphans/find-former.ts';
import { sourceNameOf, writeResultMetadata } from '../../../src/core/result-metadata.ts';
import { fakeS3 } from '../../support/fake-s3.ts';

const SCOPE = { resultBucket: 'results', uploadBuckets: ['photos', 'scans'], renditions: ['web'] };

function resultOf(source: { bucket: string; key: string }) {
  const about = { sourceEtag: 'e', rendition: 'old', recipe: 'r', generation: 1, stamp: 's' };
  return {
    at: 0,
    etag: `"${source.key}"`,
    metadata: writeResultMetadata({ ...about, sourceName: sourceNameOf(source) }),
  };
}

/** Finds former results among these objects in the result bucket. */
async function found(sources: Record<string, { bucket: string; key: string } | undefined>, prefix = '') {
  const { s3, inBucket, requests } = fakeS3(100);
  for (const [key, source] of Object.entries(sources))
    inBucket('results').set(key, source === undefined ? { at: 0, etag: '"x"' } : resultOf(source));
  const all: string[] = [];
  for await (const each of findFormer(s3, SCOPE, prefix))
    all.push(`${each.type} ${each.key}${each.type === 'former' ? ` of ${each.source.bucket}` : ''}`);
  return { all, heads: requests.filter((request) => request === 'head').length };
}

describe('former results', () => {
  it('have a name that the rules do not give, of an upload in any of the buckets', async () => {
    const { all } = await found({
      'old/photos/a.jpg': { bucket: 'photos', key: 'a.jpg' },
      'old/scans/a.jpg': { bucket: 'scans', key: 'a.jpg' },
      'photos/a.jpg': { bucket: 'photos', key: 'a.jpg' },
      'scans/a.jpg': undefined,
      'scans/b.jpg': { bucket: 'gone', key: 'b.jpg' },
    });
    expect(all).toEqual([
      'former old/photos/a.jpg of photos',
      'former old/scans/a.jpg of scans',
      'unknown scans/a.jpg',
      'unknown scans/b.jpg',
    ]);
  });

  it('are looked up only if their upload could have the prefix', async () => {
    const sources = {
      'old/photos/a/1.jpg': { bucket: 'photos', key: 'a/1.jpg' },
      'old/photos/b/1.jpg': { bucket: 'photos', key: 'b/1.jpg' },
      // It could be of `a/1.jpg`, but is not.
      'old/a/1.jpg': { bucket: 'photos', key: 'old/a/1.jpg' },
    };
    expect(await found(sources, 'a/')).toEqual({ all: ['former old/photos/a/1.jpg of photos'], heads: 2 });
  });

  it('are found in order, however many there are', async () => {
    const keys = Array.from({ length: 1234 }, (_, index) => `${1000 + index}.jpg`);
    const sources = keys.map((key) => [`old/photos/${key}`, { bucket: 'photos', key }] as const);
    const { all } = await found(Object.fromEntries(sources));
    expect(all).toEqual(keys.map((key) => `former old/photos/${key} of photos`));
  });

  it('do not include an object that is deleted in the meantime', async () => {
    const { s3, inBucket } = fakeS3(1);
    for (const key of ['old/photos/a.jpg', 'old/photos/b.jpg'])
      inBucket('results').set(key, resultOf({ bucket: 'photos', key: key.slice(11) }));
    const send = s3.send.bind(s3) as (command: unknown) => Promise<unknown>;
    s3.send = ((command: unknown) => {
      if (command instanceof HeadObjectCommand) inBucket('results').delete('old/photos/b.jpg');
      return send(command);
    }) as typeof s3.send;
    const all: string[] = [];
    for await (const { key } of findFormer(s3, SCOPE, '')) all.push(key);
    expect(all).toEqual(['old/photos/a.jpg']);
  });
});
