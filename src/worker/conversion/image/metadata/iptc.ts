import { localDate, type Described, type LocalDate } from './described.ts';
import { decoded, oneLine } from './text.ts';

/**
 * Reads IPTC-IIM: records of a number, a length and that many bytes. JPEG has them among the resources of Photoshop.
 * https://www.iptc.org/std/IIM/4.2/specification/IIMV4.2.pdf,
 * https://www.adobe.com/devnet-apps/photoshop/fileformatashtml, section "Image Resource Blocks"
 */

const MARK = 0x1c;
/** Records have a mark, the numbers of their record and their dataset, and a length. */
const HEAD_BYTES = 5;
/** The first bit of a length that is longer than two bytes: the others say how many bytes it has. */
const EXTENDED = 0x80_00;
/** As many as a number in JavaScript can hold. */
const MOST_LENGTH_BYTES = 6;
const MOST_RECORDS = 4096;

/** Record and dataset. */
const RECORD = {
  coding: '1:90',
  created: '2:55',
  time: '2:60',
  creator: '2:80',
  copyright: '2:116',
  description: '2:120',
} as const;

/** The escape sequence for UTF-8 in ISO 2022. */
const UTF8 = '\u001B%G';

/** Returns what IPTC data says. It has no positions. */
export function readIptc(data: Uint8Array): Described {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const records = recordsIn(
    bytes.toString('latin1', 0, PHOTOSHOP.length) === PHOTOSHOP ? iimIn(bytes) : bytes,
  );
  const isUtf8 = records.get(RECORD.coding)?.[0]?.toString('latin1') === UTF8;
  // A length in bytes cuts UTF-8 anywhere.
  const text = (name: string) => oneLine((records.get(name) ?? []).map((each) => decoded(each, isUtf8)));
  return {
    copyright: text(RECORD.copyright),
    creator: text(RECORD.creator),
    description: text(RECORD.description),
    date: dateOf(text(RECORD.created) ?? '', text(RECORD.time) ?? ''),
  };
}

/** Returns the values of the records, by number. Ends at the first that is damaged. */
function recordsIn(iim: Buffer): ReadonlyMap<string, readonly Buffer[]> {
  const found = new Map<string, Buffer[]>();
  let at = 0;
  for (let count = 0; count < MOST_RECORDS; count += 1) {
    if (at + HEAD_BYTES > iim.length || iim[at] !== MARK) break;
    const { length, begin } = extentAt(iim, at + 3);
    if (begin + length > iim.length) break;
    const name = `${iim[at + 1]}:${iim[at + 2]}`;
    found.set(name, [...(found.get(name) ?? []), iim.subarray(begin, begin + length)]);
    at = begin + length;
  }
  return found;
}

/** Returns the length of a value and where it begins. */
function extentAt(iim: Buffer, at: number): { length: number; begin: number } {
  const length = iim.readUInt16BE(at);
  if (length < EXTENDED) return { length, begin: at + 2 };
  const bytes = length - EXTENDED;
  const begin = at + 2 + bytes;
  const isKnown = bytes > 0 && bytes <= MOST_LENGTH_BYTES && begin <= iim.length;
  return { length: isKnown ? iim.readUIntBE(at + 2, bytes) : Infinity, begin };
}

const PHOTOSHOP = 'Photoshop 3.0\0';
const RESOURCE = '8BIM';
const IIM = 0x04_04;
const MOST_RESOURCES = 1024;

/** Returns the IPTC data among the resources; empty if there is none. */
function iimIn(photoshop: Buffer): Buffer {
  let at = PHOTOSHOP.length;
  for (let count = 0; count < MOST_RESOURCES; count += 1) {
    // A resource has a mark, a number, a name and a length. The name and the data have even lengths.
    if (photoshop.toString('latin1', at, at + 4) !== RESOURCE) break;
    const lengthAt = at + 6 + even(1 + (photoshop[at + 6] ?? 0));
    if (lengthAt + 4 > photoshop.length) break;
    const length = photoshop.readUInt32BE(lengthAt);
    const begin = lengthAt + 4;
    if (photoshop.readUInt16BE(at + 4) === IIM) return photoshop.subarray(begin, begin + length);
    at = begin + even(length);
  }
  return Buffer.alloc(0);
}

function even(length: number): number {
  return length + (length % 2);
}

const DATE = /^(\d{4})(\d\d)(\d\d)$/;
const TIME = /^(\d\d)(\d\d)(\d\d)(?:([+-]\d\d)(\d\d))?$/;

function dateOf(created: string, at: string): LocalDate | undefined {
  const [, year, month, day] = DATE.exec(created) ?? [];
  // A month or day that is not known is 00.
  const date = `${year}-${month}-${day}`.replace(/(?:-00)?-00$/, '');
  const [, hours, minutes, seconds, zoneHours, zoneMinutes] = TIME.exec(at) ?? [];
  return (
    localDate(`${date}T${hours}:${minutes}:${seconds}`, `${zoneHours}:${zoneMinutes}`) ?? localDate(date)
  );
}
