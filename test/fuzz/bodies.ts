import type { Arbitrary } from 'fast-check';
import { fc } from '../support/fuzz.ts';

/** Ordinary keys, and hostile ones. */
export const key: Arbitrary<string> = fc
  .oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'a b.jpg',
        '1+1=2.jpg',
        '100%.jpg',
        '%41.jpg',
        '日本/🏞️.jpg',
        '/',
        '.',
        'a\u0000b',
      ),
    },
  )
  .filter((text) => Buffer.byteLength(text) <= 1024);

/** Encodes a key like S3 in its notifications. */
export const formEncode = (text: string): string =>
  encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2F', '/');

const bucket = fc.constantFrom('uploads', 'photos.of.somebody', 'b');

const s3Event = (encodedKey: Arbitrary<string>) =>
  fc.record({
    Records: fc.array(
      fc.record({
        eventVersion: fc.constantFrom('2.0', '2.1', '2.3'),
        eventSource: fc.constant('aws:s3'),
        eventName: fc.constantFrom('ObjectCreated:Put', 's3:ObjectCreated:Copy', 'ObjectRemoved:Delete'),
        s3: fc.record({
          bucket: fc.record({ name: bucket }),
          object: fc.record(
            {
              key: encodedKey,
              size: fc.nat(),
              versionId: fc.base64String({ minLength: 4 }),
              sequencer: fc.constant('00AB'),
            },
            { requiredKeys: ['key'] },
          ),
        }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });

const eventBridgeEvent = fc.record({
  version: fc.constant('0'),
  source: fc.constant('aws.s3'),
  'detail-type': fc.constantFrom('Object Created', 'Object Deleted'),
  detail: fc.record({
    bucket: fc.record({ name: bucket }),
    object: fc.record(
      { key, size: fc.nat(), 'version-id': fc.base64String({ minLength: 4 }) },
      { requiredKeys: ['key'] },
    ),
  }),
});

const dirty = fc.record({
  type: fc.constant('millrace.dirty'),
  version: fc.constant(1),
  bucket,
  key,
});

const otherEvent = fc.record({
  source: fc.constant('aws.s3'),
  'detail-type': fc.constantFrom('Object Tags Added', 'Object Restore Completed'),
});

const testEvent = fc.constant({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'uploads' });

/** Valid and invalid values for an encoded key. */
const brokenEncoding = fc.oneof(
  fc.constantFrom('%', '%E0%A4%A', '%FF', '%zz', '%C0%80', '%ED%A0%80', 'a%2', '\ud800', '+', ''),
  fc.string({ unit: 'binary', maxLength: 20 }),
  key,
);

export const envelope = {
  s3: s3Event(key.map(formEncode)),
  eventBridge: eventBridgeEvent,
  dirty,
};

/** Any envelope, valid or with a broken key. */
const anyEnvelope: Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: envelope.s3 },
  { weight: 2, arbitrary: s3Event(brokenEncoding) },
  { weight: 2, arbitrary: eventBridgeEvent },
  { weight: 2, arbitrary: dirty },
  { weight: 1, arbitrary: testEvent },
  { weight: 1, arbitrary: otherEvent },
);

/** Unexpected values. */
const junk: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    -1,
    1e308,
    '',
    [],
    {},
    [[]],
    { key: null },
    '\ud800',
    '__proto__',
    'x'.repeat(2000),
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

type Edit = { at: number; what: 'replace' | 'remove' | 'repeat' | 'rename' | 'prototype'; junk: unknown };

const edit: Arbitrary<Edit> = fc.record({
  at: fc.nat({ max: 60 }),
  what: fc.constantFrom('replace', 'remove', 'repeat', 'rename', 'prototype'),
  junk,
});

/** Changes the nth field of a value, modulo their number. */
function edited(value: unknown, { at, what, junk: other }: Edit): unknown {
  const copy: unknown = structuredClone(value);
  const places: [Record<string, unknown>, string][] = [];
  const collect = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const name of Object.keys(node)) {
      places.push([node as Record<string, unknown>, name]);
      collect((node as Record<string, unknown>)[name]);
    }
  };
  collect(copy);
  const [holder, name] = places[at % Math.max(1, places.length)] ?? [];
  if (holder === undefined || name === undefined) return other;
  const old = holder[name];
  if (what === 'replace') holder[name] = other;
  if (what === 'repeat') holder[name] = [old, old];
  if (what === 'remove' || what === 'rename') Reflect.deleteProperty(holder, name);
  if (what === 'rename') holder[name.toUpperCase()] = old;
  if (what === 'prototype') Object.defineProperty(holder, '__proto__', { value: other, enumerable: true });
  return copy;
}

/** As SNS delivers it, or directly. */
const wrapped = (text: string, times: number): string => {
  let body = text;
  for (let time = 0; time < times; time += 1)
    body = JSON.stringify({ Type: 'Notification', MessageId: '1', TopicArn: 'arn:aws:sns:x', Message: body });
  return body;
};

/** Damages a body's text. */
const damage: Arbitrary<(text: string) => string> = fc.oneof(
  { weight: 6, arbitrary: fc.constant((text: string) => text) },
  {
    weight: 1,
    arbitrary: fc
      .double({ min: 0, max: 1, noNaN: true })
      .map((part) => (text: string) => text.slice(0, text.length * part)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(([part, other]) => (text: string) => {
        const at = Math.floor(text.length * part);
        return text.slice(0, at) + other + text.slice(at + 1);
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\ufeff', ' \n', '[', 'null').map((before) => (text: string) => before + text),
  },
);

/** A message body: an envelope with up to three structural changes and one change of its text. */
export const body: Arbitrary<string> = fc
  .tuple(anyEnvelope, fc.array(edit, { maxLength: 3 }), fc.constantFrom(0, 0, 1, 2), damage)
  .map(([value, edits, times, harm]) => {
    let changed: unknown = value;
    for (const each of edits) changed = edited(changed, each);
    return harm(wrapped(JSON.stringify(changed) ?? '', times));
  });
