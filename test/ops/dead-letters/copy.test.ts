import { expect, it } from 'vitest';
import { attributesOfCopy, copyOf, InvalidCopy, parseCopy } from '../../../src/ops/dead-letters/copy.ts';
import type { DeadLetter } from '../../../src/ops/dead-letters/dead-letter.ts';
import { fc } from '../../support/fuzz.ts';

const LETTER: DeadLetter = {
  id: 'id',
  receiptHandle: 'handle',
  receives: 1,
  body: 'body',
  attributes: {},
  sentAt: new Date(0),
  objects: [],
  raw: {},
  code: 'process.died',
  message: 'm',
  attempts: 1,
};

it('a copy says what the dead letter is about, why it failed, and when it expires', () => {
  const objects = [
    { bucket: 'uploads', key: 'a.jpg', versionId: '1', sequencer: '01' },
    { bucket: 'uploads', key: 'b.jpg', versionId: undefined },
  ];
  const letter = { ...LETTER, objects: objects as DeadLetter['objects'] };
  expect(parseCopy(JSON.stringify(copyOf(letter, 86_400)), 1)).toEqual({
    id: 'id',
    code: 'process.died',
    message: 'm',
    attempts: 1,
    objects: [
      { bucket: 'uploads', key: 'a.jpg', versionId: '1' },
      { bucket: 'uploads', key: 'b.jpg' },
    ],
    sentAt: '1970-01-01T00:00:00.000Z',
    expiresAt: '1970-01-02T00:00:00.000Z',
    body: 'body',
    attributes: {},
  });
});

it('a copy keeps the body and every attribute of a message, including binary ones', () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const text = fc.record({
    DataType: fc.constant('String'),
    StringValue: fc.string({ minLength: 1, maxLength: 60 }),
  });
  const binary = fc.record({
    DataType: fc.constant('Binary.png'),
    BinaryValue: fc.uint8Array({ minLength: 1, maxLength: 60 }),
  });
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.oneof(text, binary), { maxKeys: 10 }),
      fc.string({ minLength: 1, maxLength: 200 }),
      (attributes, body) => {
        const letter = { ...LETTER, body, attributes };
        const copy = parseCopy(JSON.stringify(copyOf(letter, 60)), 1);
        expect(copy.body).toBe(body);
        const back = attributesOfCopy(copy);
        expect(Object.keys(back).toSorted()).toEqual(Object.keys(attributes).toSorted());
        for (const [key, value] of Object.entries(attributes)) {
          expect(back[key]?.DataType).toBe(value.DataType);
          if ('StringValue' in value) expect(back[key]?.StringValue).toBe(value.StringValue);
          else expect(Buffer.from(back[key]?.BinaryValue ?? [])).toEqual(Buffer.from(value.BinaryValue));
        }
      },
    ),
  );
});

it('a line that is not a copy is refused with its number and the first wrong field', () => {
  const complete = copyOf(LETTER, 60);
  const refusal = (line: string) => {
    try {
      return parseCopy(line, 3);
    } catch (error) {
      return error instanceof InvalidCopy && error.name === 'InvalidCopy' && error.message;
    }
  };
  expect(refusal('{')).toBe('line 3 is not JSON');
  expect(() => parseCopy('{', 3)).toThrow(expect.objectContaining({ cause: expect.any(SyntaxError) }));
  expect(refusal('{"id":"x"}')).toMatch(/^line 3 is not an exported dead letter: code: /);
  const attributes = { image: { type: 'Binary', binary: 'no base64!' } };
  expect(refusal(JSON.stringify({ ...complete, attributes }))).toMatch(/: attributes\.image\.binary: /);
  expect(refusal(JSON.stringify({ ...complete, objects: [{ bucket: 'b' }] }))).toMatch(
    /: objects\[0\]\.key: /,
  );
});
