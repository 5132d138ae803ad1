import { describe, expect, it } from 'vitest';
import {
  acceptedType,
  readUntil,
  streamedContent,
  wholeContent,
} from '../../../src/worker/conversion/content.ts';
import { HEAD_BYTES, sniff } from '../../../src/worker/conversion/sniff.ts';
import * as images from '../../support/images.ts';

const PNG = await images.tinyPng();
const TEXT = Buffer.from('a,b\n');

/** Returns the type with which a conversion gets the content, or the rejection's code and message. */
async function accepted(head: Uint8Array, accepts?: readonly string[] | ((head: Uint8Array) => boolean)) {
  try {
    return await acceptedType({ name: 'csv', accepts }, head);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
}

const refused = (what: string, expected: string) =>
  `source.not_accepted: the content is ${what}, which the conversion csv does not accept${expected}`;

describe('a conversion', () => {
  it('without a list of types gets all content that has bytes, with its detected type', async () => {
    expect(await accepted(PNG)).toBe('image/png');
    expect(await accepted(TEXT)).toBeUndefined();
    expect(await accepted(Buffer.alloc(0))).toBe('source.empty: the object has no bytes');
  });

  it('gets content whose type, or whose kind of type, is in its list', async () => {
    expect(await accepted(PNG, ['application/pdf', 'image/png'])).toBe('image/png');
    expect(await accepted(PNG, ['image/*', 'application/pdf'])).toBe('image/png');
    expect(await accepted(PNG, ['image/pn', 'text/*'])).toBe(
      refused('image/png', '; expected image/pn, text/*'),
    );
    expect(await accepted(PNG, ['icon/*'])).toBe(refused('image/png', '; expected icon/*'));
    expect(await accepted(TEXT, ['image/*'])).toBe(refused('of an unknown format', '; expected image/*'));
  });

  it('may decide by the first bytes', async () => {
    expect(await accepted(TEXT, (head) => head[0] === 0x61)).toBeUndefined();
    expect(await accepted(PNG, (head) => head[0] === 0x61)).toBe(refused('image/png', ''));
  });
});

describe('the type of content', () => {
  it.each([
    ['a TIFF whose directory is after its pixels', Buffer.from('II*\0\xff\xff\0\0', 'latin1'), 'image/tiff'],
    ['a big-endian TIFF', Buffer.from('MM\0*\0\0\xff\xff', 'latin1'), 'image/tiff'],
    ['a PDF', Buffer.from('%PDF-1.7'), 'application/pdf'],
    ['a PDF after a thousand other bytes', Buffer.from(`${' '.repeat(1000)}%PDF-1.7`), 'application/pdf'],
    ['a text about PDF', Buffer.from(`${' '.repeat(1024)}%PDF-1.7`), undefined],
    ['a text', TEXT, undefined],
  ])('is detected for %s', async (_what, head, type) => {
    expect(await sniff(head)).toBe(type);
  });
});

/** Yields chunks, and counts those that were requested. */
function chunksOf(...chunks: Uint8Array[]) {
  const read = { chunks: 0 };
  async function* body() {
    for (const chunk of chunks) {
      read.chunks += 1;
      yield chunk;
    }
  }
  return { body: body(), read };
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('streamed content', () => {
  it('is read only as far as its type needs, until a conversion reads it', async () => {
    const chunks = ['a', 'b', 'c'].map((letter) => Buffer.alloc(HEAD_BYTES / 2, letter));
    const { body, read } = chunksOf(...chunks);
    const content = await streamedContent(body);
    expect(read.chunks).toBe(2);
    expect(content.head.byteLength).toBe(HEAD_BYTES);
    expect(await textOf(content.stream())).toBe(chunks.join(''));
  });

  it('may be shorter than its type needs', async () => {
    const content = await streamedContent(chunksOf(Buffer.from('a,'), Buffer.from('b')).body);
    expect(Buffer.from(content.head).toString()).toBe('a,b');
    expect(await textOf(content.stream())).toBe('a,b');
  });
});

describe('content that is in memory', () => {
  it('is given to a conversion without a copy, as a whole or as a stream', async () => {
    const bytes = Buffer.alloc(HEAD_BYTES + 1, 'x');
    const content = wholeContent(bytes);
    expect(content.head.byteLength).toBe(HEAD_BYTES);
    const source = readUntil(new AbortController().signal, content);
    expect(await source.content()).toBe(bytes);
    expect(await textOf(source.stream())).toBe(bytes.toString());
  });
});
