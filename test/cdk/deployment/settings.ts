import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../cdk/settings.ts';

const LONG = 'a'.repeat(36);
const adopt = (name: string) => ({ adopt: name });
const create = (name: string) => ({ create: name });

describe('bucket names', () => {
  const read = (uploadBuckets: unknown) => readSettings({ 'millrace:uploadBuckets': uploadBuckets });

  it.each([
    ...['abc', 'a.b-c', '0scans9', 'a'.repeat(63), 'a10.20.30.40', '10.20.30.40a', '10.20.30'].map(adopt),
    // With account and region, the shortest name is long enough, and the longest is short enough.
    ...['p', 'photos-2026', 'a'.repeat(35)].map(create),
  ])('that S3 accepts are accepted: %j', (bucket) => {
    expect(read([bucket]).uploadBuckets).toEqual([bucket]);
  });

  it.each([
    ...[
      'Scans',
      'sc_ans',
      '-scans',
      'scans-',
      'scans.',
      's..s',
      '192.168.0.1',
      '10.20.30.40',
      '1.2.3.4',
      'sc/ans',
      'é'.repeat(4),
    ].map(adopt),
    ...['ab', 'a'.repeat(64), 'xn--scans', 'sthree-scans', 'scans-s3alias', 'scans--x-s3'].map(adopt),
    ...['', 'Photos', 'ph.otos', 'photos-', '-photos', 'xn--photos', LONG].map(create),
  ])('that S3 refuses fail the synthesis, with their position in the list: %j', (wrong) => {
    expect(() => read([{ create: 'fine' }, wrong])).toThrow(/uploadBuckets\[1\]\.(create|adopt) /);
  });

  it('that are too long get an error with the maximum length', () => {
    expect(() => read([create(LONG)])).toThrow('more than 35 characters, account and region follow it');
  });

  it('must be unique', () => {
    const both = [create('photos'), adopt('photos')];
    expect(read(both).uploadBuckets).toEqual(both);
    expect(() => read([{ adopt: 'scans' }, { create: 'photos' }, { adopt: 'scans' }])).toThrow(
      'uploadBuckets names a bucket twice',
    );
  });
});

describe("a deployment's settings", () => {
  it('have defaults, which are secure where it matters', () => {
    expect(readSettings({})).toMatchObject({
      stackName: 'millrace',
      uploadBuckets: [{ create: 'millrace-uploads' }],
      authorization: { kind: 'iam' },
      openRoutes: [],
      browserOrigins: [],
    });
  });

  it('are read from the command line as text, and from cdk.json as JSON', () => {
    const settings = readSettings({
      'millrace:workerMemory': '3538',
      'millrace:uploadBuckets': '[{"adopt":"scans"}]',
      'millrace:alarmEmail': 'ops@photos.example',
      'millrace:browserOrigins': ['https://photos.example'],
      '@aws-cdk/core:validateAgainstDefaultRules': true,
    });
    expect(settings).toMatchObject({
      workerMemory: 3538,
      uploadBuckets: [{ adopt: 'scans' }],
      alarmEmail: 'ops@photos.example',
      browserOrigins: ['https://photos.example'],
    });
  });

  it('name the upload buckets of every stack but the usual one, whose buckets the others would take over', () => {
    expect(() => readSettings({ 'millrace:stackName': 'other' })).toThrow(
      'The settings of the deployment are not usable:\n  uploadBuckets is missing: ',
    );
    const uploadBuckets = [create('other-uploads')];
    expect(
      readSettings({ 'millrace:stackName': 'other', 'millrace:uploadBuckets': uploadBuckets }),
    ).toMatchObject({ stackName: 'other', uploadBuckets });
  });

  it('that are unknown or invalid are all named at once, each on its own line', () => {
    const wrong = {
      'millrace:workerMemroy': '3538',
      'millrace:concurrency': '1',
      'millrace:browserOrigins': '["https://*.example"]',
      'millrace:uploadBuckets': '[]',
      'millrace:logDays': '31',
    };
    expect(() => readSettings(wrong)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /\n  uploadBuckets .*\n  concurrency .*\n  logDays .*\n  browserOrigins\[0\] .*\n.*workerMemroy/,
        ),
      }),
    );
  });
});
