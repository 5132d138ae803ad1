import { createHash } from 'node:crypto';

/**
 * Encryption of a PDF by 40 bits of RC4, with an empty password for readers and another one for its owner, who restricts
 * what they may do. https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf, section 7.6.3
 */

/** Stands for the missing bytes of a password. */
const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');
const KEY_BYTES = 5;
/** No printing, copying or changing. */
const PERMISSIONS = -64;

const md5 = (...parts: readonly Buffer[]) => createHash('md5').update(Buffer.concat(parts)).digest();

function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number) => state[index % 256] ?? 0;
  const swap = (a: number, b: number) => ([state[a], state[b]] = [at(b), at(a)]);
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + at(i) + (key[i % key.byteLength] ?? 0)) % 256;
    swap(i, j);
  }
  let [i, j] = [0, 0];
  return data.map((byte) => {
    i = (i + 1) % 256;
    j = (j + at(i)) % 256;
    swap(i, j);
    return byte ^ at(at(i) + at(j));
  }) as Buffer;
}

const numbers = (value: number, bytes: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer.subarray(0, bytes);
};

interface Encryption {
  /** Entries of the trailer. */
  trailer: string;
  encrypt(content: Buffer, objectNumber: number): Buffer;
}

/** Returns the encryption of a document that everyone can read. */
export function restricted(): Encryption {
  const owner = Buffer.concat([Buffer.from('owner'), PADDING]).subarray(0, 32);
  const ownerEntry = rc4(md5(owner).subarray(0, KEY_BYTES), PADDING);
  const key = md5(PADDING, ownerEntry, numbers(PERMISSIONS, 4), Buffer.of(0)).subarray(0, KEY_BYTES);
  return {
    trailer: trailerOf(ownerEntry, rc4(key, PADDING), PERMISSIONS),
    encrypt: (content, objectNumber) =>
      rc4(md5(key, numbers(objectNumber, 3), numbers(0, 2)).subarray(0, KEY_BYTES + 5), content),
  };
}

/** Returns the encryption of a document that no password opens. */
export function locked(): Encryption {
  return { trailer: trailerOf(Buffer.alloc(32), Buffer.alloc(32), -4), encrypt: (content) => content };
}

function trailerOf(owner: Buffer, user: Buffer, permissions: number): string {
  const entries = `/V 1 /R 2 /O <${owner.toString('hex')}> /U <${user.toString('hex')}> /P ${permissions}`;
  return `/Encrypt << /Filter /Standard ${entries} >> /ID [<00> <00>]`;
}
