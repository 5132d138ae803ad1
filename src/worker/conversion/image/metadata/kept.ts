import type { Exif } from 'sharp';
import type { KEPT_METADATA } from '../../../../core/rendition.ts';
import { escapeXml } from '../stamp.ts';
import type { Inspected } from '../inspect.ts';
import type { Angle, Described, LocalDate } from './described.ts';
import { describedBy } from './read.ts';

type Kind = (typeof KEPT_METADATA)[number];

/** Metadata of a source for its result, in both forms that programs read. */
export interface Kept {
  /** In ASCII, as the standard wants it: a text with other characters is only in XMP. */
  exif: Exif;
  /** An `rdf:Description`. */
  xmp: string;
}

/**
 * Returns these kinds of metadata, as far as the source has them. Must not import anything that imports sharp: the
 * module becomes a separate file in the deployed worker, which would contain sharp a second time.
 */
export function keptOf(
  source: Pick<Inspected, 'exif' | 'xmp' | 'iptc'>,
  kinds: readonly Kind[],
): Kept | undefined {
  const described = describedBy(source);
  const kept = kinds.flatMap((kind) => FORMS[kind](described) ?? []);
  if (kept.length === 0) return undefined;
  const directories: Exif = {};
  for (const { exif: fields } of kept)
    for (const [name, directory] of Object.entries(fields))
      Object.assign((directories[name as keyof Exif] ??= {}), directory);
  const properties = kept.map(({ xmp }) => xmp).join('');
  return {
    exif: directories,
    xmp: `<rdf:Description rdf:about="" ${NAMESPACES}>${properties}</rdf:Description>`,
  };
}

const NAMESPACES = [
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
  'xmlns:exif="http://ns.adobe.com/exif/1.0/"',
  'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"',
].join(' ');

/** How each kind is written. https://developer.adobe.com/xmp/docs/XMPNamespaces */
const FORMS: Readonly<Record<Kind, (described: Described) => Kept | undefined>> = {
  copyright: ({ copyright }) => text(copyright, 'Copyright', (value) => alternative('dc:rights', value)),
  creator: ({ creator }) =>
    text(
      creator,
      'Artist',
      (value) => `<dc:creator><rdf:Seq><rdf:li>${value}</rdf:li></rdf:Seq></dc:creator>`,
    ),
  description: ({ description }) =>
    text(description, 'ImageDescription', (value) => alternative('dc:description', value)),
  date: ({ date }) =>
    date && {
      exif: date.time.includes('T') ? { IFD2: exifDate(date) } : {},
      xmp: property('photoshop:DateCreated', `${date.time}${date.zone ?? ''}`),
    },
  position: ({ position }) =>
    position && {
      exif: {
        IFD3: {
          GPSLatitudeRef: position.latitude.side,
          GPSLatitude: fractions(position.latitude),
          GPSLongitudeRef: position.longitude.side,
          GPSLongitude: fractions(position.longitude),
        },
      },
      xmp:
        property('exif:GPSLatitude', coordinate(position.latitude)) +
        property('exif:GPSLongitude', coordinate(position.longitude)),
    },
};

const ASCII = /^[\u0020-\u007E]*$/;

function text(value: string | undefined, field: string, xmp: (escaped: string) => string): Kept | undefined {
  if (value === undefined) return undefined;
  // libvips would write question marks.
  const plain = value.replaceAll('©', '(C)');
  return { exif: ASCII.test(plain) ? { IFD0: { [field]: plain } } : {}, xmp: xmp(escapeXml(value)) };
}

function alternative(name: string, value: string): string {
  return `<${name}><rdf:Alt><rdf:li xml:lang="x-default">${value}</rdf:li></rdf:Alt></${name}>`;
}

function property(name: string, value: string): string {
  return `<${name}>${value}</${name}>`;
}

/** EXIF has no dates without a time. */
function exifDate({ time, zone }: LocalDate): Record<string, string> {
  return {
    DateTimeOriginal: time.replaceAll('-', ':').replace('T', ' '),
    ...(zone === undefined ? {} : { OffsetTimeOriginal: zone }),
  };
}

/** As libvips reads them: `51/1 30/1 3230/100`. */
function fractions({ fractions: [a, b, c, d, e, f] }: Angle): string {
  return `${a}/${b} ${c}/${d} ${e}/${f}`;
}

/** As XMP writes them: `51,30.538333N`. */
function coordinate({ minutes, side }: Angle): string {
  const millionths = Math.round(minutes * 1e6);
  const degrees = Math.floor(millionths / 60e6);
  return `${degrees},${((millionths - degrees * 60e6) / 1e6).toFixed(6)}${side}`;
}
