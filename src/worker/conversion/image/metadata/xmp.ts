import { SaxesParser, type SaxesAttributeNS } from 'saxes';
import {
  angle,
  LATITUDE,
  localDate,
  LONGITUDE,
  type Angle,
  type Described,
  type LocalDate,
} from './described.ts';
import { oneLine } from './text.ts';

/**
 * Reads XMP packets: properties of an image as RDF in XML.
 * https://developer.adobe.com/xmp/docs/XMPSpecifications, part 1, section 7
 */

/** saxes took up to 160 ms for XML of this size that was made to be slow. */
const MOST_BYTES = 1_000_000;
/** saxes looks for a namespace in all elements around a name. Photo editors nest about 20. */
const MOST_DEPTH = 64;
/** Of a list, such as that of the creators. */
const MOST_ITEMS = 100;

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const XMP_NAMESPACES = {
  dc: 'http://purl.org/dc/elements/1.1/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  xmp: 'http://ns.adobe.com/xap/1.0/',
} as const;

/** https://developer.adobe.com/xmp/docs/XMPNamespaces */
const PROPERTY = {
  copyright: `${XMP_NAMESPACES.dc}rights`,
  creator: `${XMP_NAMESPACES.dc}creator`,
  description: `${XMP_NAMESPACES.dc}description`,
  created: `${XMP_NAMESPACES.photoshop}DateCreated`,
  taken: `${XMP_NAMESPACES.exif}DateTimeOriginal`,
  digitized: `${XMP_NAMESPACES.xmp}CreateDate`,
  latitude: `${XMP_NAMESPACES.exif}GPSLatitude`,
  longitude: `${XMP_NAMESPACES.exif}GPSLongitude`,
} as const;

/** Returns what an XMP packet says; nothing if it is too large or not well-formed. */
export function readXmp(packet: Uint8Array): Described {
  const values = valuesIn(packet);
  const all = (name: string) => oneLine((values.get(name) ?? []).map(({ text }) => text));
  const inOneLanguage = (name: string) => {
    const found = values.get(name) ?? [];
    const value = found.find(({ language }) => language === 'x-default') ?? found[0];
    return value && oneLine([value.text]);
  };
  return {
    copyright: inOneLanguage(PROPERTY.copyright),
    creator: all(PROPERTY.creator),
    description: inOneLanguage(PROPERTY.description),
    date: dateOf(all(PROPERTY.created)) ?? dateOf(all(PROPERTY.taken)),
    digitized: dateOf(all(PROPERTY.digitized)),
    position: positionOf(all(PROPERTY.latitude), all(PROPERTY.longitude)),
  };
}

interface Value {
  text: string;
  language: string | undefined;
}

type Values = ReadonlyMap<string, readonly Value[]>;

function valuesIn(packet: Uint8Array): Values {
  if (packet.byteLength > MOST_BYTES) return new Map();
  try {
    return parsed(withoutZeros(new TextDecoder(codingOf(packet), { fatal: true }).decode(packet)));
  } catch {
    return new Map();
  }
}

/** A packet begins with a byte order mark or `<`: https://www.w3.org/TR/xml/#sec-guessing */
function codingOf([first, second]: Uint8Array): string {
  if (first === 0xfe || first === 0) return 'utf-16be';
  return first === 0xff || second === 0 ? 'utf-16le' : 'utf-8';
}

/** Some programs pad a packet with zeros, which XML cannot contain. */
function withoutZeros(xml: string): string {
  let end = xml.length;
  while (xml[end - 1] === '\0') end -= 1;
  return xml.slice(0, end);
}

/**
 * Returns the values of the properties that are read. Those of an `rdf:Description` in `rdf:RDF` describe the image.
 * Others, which are deeper, describe the images that it was made from.
 * @throws Error if the XML is not well-formed, too deep, or has a document type
 */
function parsed(xml: string): Values {
  const values = new Map<string, Value[]>();
  const add = (name: string, value: Value) => {
    const found = values.get(name) ?? [];
    if (found.length < MOST_ITEMS) values.set(name, [...found, value]);
  };
  const parser = new SaxesParser({ xmlns: true });
  /** The names of the open elements. */
  const path: string[] = [];
  /** How many elements are around the properties of the image; undefined outside of them. */
  let around: number | undefined;
  let text = '';
  let language: string | undefined;
  parser.on('doctype', () => {
    throw new Error('expected no document type');
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    const name = `${uri}${local}`;
    if (around === undefined && name === `${RDF}Description` && path.at(-1) === `${RDF}RDF`) {
      around = path.length + 1;
      for (const { uri: of, local: property, value } of Object.values(attributes))
        add(`${of}${property}`, { text: value, language: undefined });
    }
    path.push(name);
    if (path.length > MOST_DEPTH) throw new Error(`expected at most ${MOST_DEPTH} elements, one in another`);
    text = '';
    language = languageOf(attributes);
  });
  const hear = (part: string) => {
    text += part;
  };
  parser.on('text', hear);
  parser.on('cdata', hear);
  parser.on('closetag', () => {
    const [property, ...inside] = around === undefined ? [] : path.slice(around);
    // A value is the text of its property, or that of an item of its list.
    const isValue = inside.length === 0 || (inside.length === 2 && inside.at(-1) === `${RDF}li`);
    if (property !== undefined && isValue && text.trim() !== '') add(property, { text, language });
    text = '';
    path.pop();
    if (around !== undefined && path.length < around) around = undefined;
  });
  parser.write(xml).close();
  return values;
}

function languageOf(attributes: Readonly<Record<string, SaxesAttributeNS>>): string | undefined {
  return attributes['xml:lang']?.value;
}

/** Of old pictures, often only the year is known. */
const DAY = /^\d{4}(?:-\d\d(?:-\d\d)?)?$/;
/** Fractions of a second are cut off. */
const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/;

function dateOf(text = ''): LocalDate | undefined {
  if (DAY.test(text)) return localDate(text);
  const [, date, minutes, seconds = '00', zone] = TIME.exec(text) ?? [];
  return localDate(`${date}T${minutes}:${seconds}`, zone === 'Z' ? '+00:00' : zone);
}

/** Such as `51,30.538333N` or `51,30,32N`. */
const ANGLE = /^(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])$/;
/** A millionth of a minute is 2 mm. */
const MILLION = 1_000_000;

function angleOf(text: string, sides: Readonly<Record<string, number>>): Angle | undefined {
  const [, degrees, minutes, seconds = '0', side = ''] = ANGLE.exec(text) ?? [];
  const millionths = (number: string | undefined) => Math.round(Number(number) * MILLION);
  return angle(side, [Number(degrees), 1, millionths(minutes), MILLION, millionths(seconds), MILLION], sides);
}

function positionOf(latitude = '', longitude = ''): Described['position'] {
  const [north, east] = [angleOf(latitude, LATITUDE), angleOf(longitude, LONGITUDE)];
  return north && east && { latitude: north, longitude: east };
}
