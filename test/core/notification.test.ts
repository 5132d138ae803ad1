import { describe, expect, it } from 'vitest';
import { Rejected } from '../../src/core/errors.ts';
import { dirtyMessage, parseNotification } from '../../src/core/notification.ts';

const KEYS = [
  'plain.jpg',
  'a folder/two  spaces.jpg',
  '1+1=2.jpg',
  '100%.jpg',
  'café/日本/🏞️.jpg',
  'q?a&b#c.jpg',
  '/lead//double',
];

/** Encodes a key like S3 in its notifications. */
function formEncode(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
}

function s3Record(key: string, extra: object = {}) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    s3: {
      bucket: { name: 'uploads' },
      object: { key: formEncode(key), size: 3, sequencer: '00AB', ...extra },
    },
  };
}

function eventBridge(key: string, ids: object = {}, detailType = 'Object Created') {
  return {
    version: '0',
    source: 'aws.s3',
    'detail-type': detailType,
    detail: {
      bucket: { name: 'uploads' },
      object: { key, size: 3, 'version-id': 'v1', sequencer: '00AB', ...ids },
    },
  };
}

function rejection(body: string): Rejected {
  try {
    parseNotification(body);
  } catch (error) {
    if (error instanceof Rejected) return error;
    throw error;
  }
  throw new Error('expected a rejection');
}

describe('a notification from S3', () => {
  it.each(KEYS)('returns the key %j', (key) => {
    expect(parseNotification(JSON.stringify({ Records: [s3Record(key, { versionId: 'v1' })] }))).toEqual({
      kind: 'objects',
      objects: [{ bucket: 'uploads', key, versionId: 'v1', sequencer: '00AB' }],
    });
  });

  it('may contain several records', () => {
    const parsed = parseNotification(JSON.stringify({ Records: KEYS.map((key) => s3Record(key)) }));
    expect(parsed.kind === 'objects' && parsed.objects.map(({ key }) => key)).toEqual(KEYS);
  });

  it('has no version id if the bucket has no versions', () => {
    const parsed = parseNotification(JSON.stringify({ Records: [s3Record('a', { versionId: null })] }));
    expect(parsed).toStrictEqual({
      kind: 'objects',
      objects: [{ bucket: 'uploads', key: 'a', sequencer: '00AB' }],
    });
  });

  it.each([
    { versionId: 'null' },
    { versionId: '', sequencer: '00AB' },
    { versionId: 'null', sequencer: '' },
  ])("identifies no upload by %o, which the key's next upload may share", (ids) => {
    const object = { bucket: 'uploads', key: 'a', ...(ids.sequencer === '' ? {} : { sequencer: '00AB' }) };
    const eventBridgeIds = { sequencer: '00AB', ...ids, 'version-id': ids.versionId };
    for (const body of [
      { Records: [s3Record('a', ids)] },
      eventBridge('a', eventBridgeIds),
      { type: 'millrace.dirty', version: 1, bucket: 'uploads', key: 'a', sequencer: '00AB', ...ids },
    ])
      expect(parseNotification(JSON.stringify(body))).toEqual({ kind: 'objects', objects: [object] });
  });

  it.each(['2.0', '2.1', '2.9', '2.10'])(
    'of version %s is accepted: only the major version counts',
    (eventVersion) => {
      expect(parseNotification(JSON.stringify({ Records: [{ ...s3Record('a'), eventVersion }] })).kind).toBe(
        'objects',
      );
    },
  );

  it.each(['1.0', '3.0', '20.1', '12.1', '1.2.0', '', 2])('of version %j is refused', (eventVersion) => {
    expect(rejection(JSON.stringify({ Records: [{ ...s3Record('a'), eventVersion }] })).code).toBe(
      'notification.malformed',
    );
  });

  it('can be read through SNS', () => {
    const Message = JSON.stringify({ Records: [s3Record('a b.jpg')] });
    const parsed = parseNotification(
      JSON.stringify({ Type: 'Notification', MessageId: 'm', TopicArn: 't', Message }),
    );
    expect(parsed.kind === 'objects' && parsed.objects[0].key).toBe('a b.jpg');
  });

  it('that is the test event names no object, directly or through SNS', () => {
    const test = JSON.stringify({
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: 'now',
      Bucket: 'uploads',
    });
    expect(parseNotification(test)).toEqual({ kind: 'test' });
    expect(parseNotification(JSON.stringify({ Type: 'Notification', Message: test }))).toEqual({
      kind: 'test',
    });
  });
});

describe('an S3 event other than an upload', () => {
  const named = (eventName: unknown) => ({ ...s3Record('a', { versionId: 'v1' }), eventName });

  it.each([
    'ObjectRemoved:Delete',
    'ObjectRemoved:DeleteMarkerCreated',
    'LifecycleExpiration:Delete',
    'LifecycleExpiration:DeleteMarkerCreated',
  ])('%s means that the key may now have an older upload, and names none', (event) => {
    const objects = [{ bucket: 'uploads', key: 'a' }];
    for (const eventName of [event, `s3:${event}`])
      expect(parseNotification(JSON.stringify({ Records: [named(eventName)] }))).toStrictEqual({
        kind: 'objects',
        objects,
      });
  });

  it.each([
    'ObjectTagging:Put',
    'ObjectTagging:Delete',
    'ObjectAcl:Put',
    'ObjectRestore:Post',
    'ObjectRestore:Completed',
    'ObjectRestore:Delete',
    'LifecycleTransition',
    'IntelligentTiering',
    'Replication:OperationFailedReplication',
    'ReducedRedundancyLostObject',
    'ObjectAnnotated:Put',
  ])('%s names nothing to convert, directly or through SNS', (event) => {
    const body = JSON.stringify({ Records: [named(event), named(`s3:${event}`)] });
    const other = { kind: 'other', event };
    expect(parseNotification(body)).toEqual(other);
    expect(parseNotification(JSON.stringify({ Type: 'Notification', Message: body }))).toEqual(other);
  });

  it('does not affect other records in its message', () => {
    const Records = [named('ObjectTagging:Put'), s3Record('b'), named('ObjectAcl:Put')];
    const parsed = parseNotification(JSON.stringify({ Records }));
    expect(parsed.kind === 'objects' && parsed.objects.map(({ key }) => key)).toEqual(['b']);
  });

  it.each([undefined, 's3:ObjectCreated:Copy'])('is an upload with the name %s', (eventName) => {
    expect(parseNotification(JSON.stringify({ Records: [named(eventName)] }))).toMatchObject({
      objects: [{ key: 'a', versionId: 'v1' }],
    });
  });

  it.each(['', 'x'.repeat(100), 'Object Created', 'my event', null, 7])(
    'is refused with the name %j',
    (name) => {
      expect(rejection(JSON.stringify({ Records: [named(name)] })).message).toContain('eventName');
    },
  );
});

describe('a notification from EventBridge', () => {
  it.each(KEYS)('has the key %j without any encoding', (key) => {
    expect(parseNotification(JSON.stringify(eventBridge(key)))).toEqual({
      kind: 'objects',
      objects: [{ bucket: 'uploads', key, versionId: 'v1', sequencer: '00AB' }],
    });
  });

  it('Object Deleted means that the key may now have an older upload, and names none', () => {
    expect(parseNotification(JSON.stringify(eventBridge('a', {}, 'Object Deleted')))).toStrictEqual({
      kind: 'objects',
      objects: [{ bucket: 'uploads', key: 'a' }],
    });
  });

  it.each([
    'Object Tags Added',
    'Object Tags Deleted',
    'Object ACL Updated',
    'Object Restore Initiated',
    'Object Restore Completed',
    'Object Restore Expired',
    'Object Storage Class Changed',
    'Object Access Tier Changed',
  ])('%s names nothing to convert, directly or through SNS', (event) => {
    const body = JSON.stringify(eventBridge('a', {}, event));
    const other = { kind: 'other', event };
    expect(parseNotification(body)).toEqual(other);
    expect(parseNotification(JSON.stringify({ Type: 'Notification', Message: body }))).toEqual(other);
  });

  it.each([
    { 'detail-type': 'AWS API Call via CloudTrail' },
    { 'detail-type': 'Object Deleted', source: 'my.app' },
    { 'detail-type': 'Object Created', source: 'my.app' },
    { 'detail-type': 'object created' },
    { 'detail-type': null },
  ])('with %j is refused, because it indicates a wrong rule', (change) => {
    expect(rejection(JSON.stringify({ ...eventBridge('a'), ...change })).code).toBe('notification.malformed');
  });
});

describe('a key of 1,024 bytes, the longest that S3 accepts,', () => {
  const key = 'é'.repeat(512);

  it.each([
    ['S3', JSON.stringify({ Records: [s3Record(key)] })],
    ['EventBridge', JSON.stringify(eventBridge(key))],
    ['the pipeline itself', dirtyMessage({ bucket: 'uploads', key })],
  ])('is read from %s', (_from, body) => {
    expect(parseNotification(body)).toMatchObject({ objects: [{ key }] });
  });
});

describe("the pipeline's own message", () => {
  it.each(KEYS)('returns the object that it was created for: %j', (key) => {
    const object = { bucket: 'uploads', key, versionId: 'v', sequencer: 's' };
    expect(parseNotification(dirtyMessage(object))).toEqual({ kind: 'objects', objects: [object] });
  });

  it('contains only characters that SQS accepts, whatever the key contains', () => {
    const object = { bucket: 'uploads', key: 'a\ufffeb\uffffc\u0001.jpg' };
    const body = dirtyMessage(object);
    expect(body).not.toMatch(/[\u0000-\u001f\ufffe\uffff]/u);
    expect(parseNotification(body)).toEqual({ kind: 'objects', objects: [object] });
  });
});

describe('a body that is not a notification', () => {
  it.each([
    ['not JSON', 'hello', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['a number', '1', 'not a JSON object'],
    ['a key with half a surrogate pair', JSON.stringify(eventBridge('\ud800.jpg')), 'not UTF-8'],
    ['a bucket with a slash', dirtyMessage({ bucket: 'a/b', key: 'k' }), 'not the name of a bucket'],
    ['a bucket of 256 characters', dirtyMessage({ bucket: 'b'.repeat(256), key: 'k' }), 'not the name'],
    ['null', 'null', 'not a JSON object'],
    ['a list', '[]', 'not a JSON object'],
    ['an object of another kind', '{"hello":1}', 'neither'],
    ['no records', '{"Records":[]}', 'Records'],
    [
      'records from another service',
      '{"Records":[{"eventSource":"aws:sns","eventVersion":"2.1"}]}',
      'eventSource',
    ],
    ['SNS with an invalid message', '{"Type":"Notification","Message":"x"}', 'not JSON'],
    [
      'a key that is not form-encoded',
      JSON.stringify({
        Records: [{ ...s3Record('a'), s3: { bucket: { name: 'b' }, object: { key: '%E0%A4' } } }],
      }),
      'form-encoded',
    ],
    ['an empty key', JSON.stringify({ Records: [s3Record('')] }), 'key'],
    ['a key of 1,025 bytes through EventBridge', JSON.stringify(eventBridge('x'.repeat(1025))), '1,024'],
    [
      'an event without a bucket name',
      JSON.stringify({ Records: [{ ...s3Record('a'), s3: { bucket: {}, object: { key: 'k' } } }] }),
      'bucket.name',
    ],
    [
      'an EventBridge event without a bucket name',
      JSON.stringify({ ...eventBridge('a'), detail: { bucket: {}, object: { key: 'k' } } }),
      'detail.bucket.name',
    ],
    [
      'a test event from another service',
      '{"Service":"Amazon SNS","Event":"s3:TestEvent"}',
      'S3 test event: Service',
    ],
    ['another S3 event', '{"Service":"Amazon S3","Event":"s3:Hello"}', 'S3 test event: Event'],
    ['an own message without its key', '{"type":"millrace.dirty","version":1,"bucket":"b"}', 'message: key'],
    ['a key of 1,025 bytes', JSON.stringify({ Records: [s3Record('é'.repeat(512) + 'x')] }), '1,024'],
    [
      'an own message with another version',
      '{"type":"millrace.dirty","version":2,"bucket":"b","key":"k"}',
      'version',
    ],
  ])('(%s) is rejected with the mistake', (_name, body, detail) => {
    const error = rejection(body);
    expect(error.code).toBe('notification.malformed');
    expect(error.message).toContain(detail);
  });
});

it('the rejection of a body that is not JSON, or not as expected, has a cause', () => {
  expect(rejection('{').cause).toBeInstanceOf(SyntaxError);
  expect(rejection('{"Records":[]}').cause).toBeInstanceOf(Error);
});
