import { jpegSegment } from './with-metadata.ts';

const NAMESPACES = [
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
  'xmlns:exif="http://ns.adobe.com/exif/1.0/"',
  'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"',
  'xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
  'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"',
].join(' ');

/**
 * Returns an XMP packet of an image with these properties.
 * @param attributes of the description
 */
export function xmpOf(properties: string, attributes = ''): string {
  return [
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" ${NAMESPACES} ${attributes}>\n  ${properties}\n</rdf:Description>`,
    '</rdf:RDF></x:xmpmeta>\n   \n<?xpacket end="w"?>',
  ].join('');
}

/** Returns a property with a text in one language. */
export function inLanguages(name: string, ...texts: readonly [language: string, text: string][]): string {
  const items = texts.map(([language, text]) => `<rdf:li xml:lang="${language}">${text}</rdf:li>`).join('');
  return `<${name}><rdf:Alt>${items}</rdf:Alt></${name}>`;
}

export function creators(...names: readonly string[]): string {
  const items = names.map((name) => `<rdf:li>${name}</rdf:li>`).join('\n ');
  return `<dc:creator>\n <rdf:Seq>\n ${items}\n </rdf:Seq>\n </dc:creator>`;
}

type Dataset = readonly [record: number, dataset: number, value: string | Uint8Array];

export const UTF8_CODING: Dataset = [1, 90, '\x1B%G'];

/** Returns IPTC-IIM. Texts are in UTF-8. */
export function iimOf(...datasets: readonly Dataset[]): Buffer {
  const records = datasets.flatMap(([record, dataset, value]) => {
    const bytes = Buffer.from(value as string);
    return [Buffer.of(0x1c, record, dataset, bytes.length >> 8, bytes.length & 0xff), bytes];
  });
  return Buffer.concat(records);
}

/** Returns resources of Photoshop, the second of which is IPTC data. */
export function photoshopOf(iim: Uint8Array): Buffer {
  const resource = (id: number, name: string, data: Uint8Array) => {
    const head = Buffer.from(`8BIM\0\0${String.fromCodePoint(name.length)}${name}`, 'latin1');
    head.writeUInt16BE(id, 4);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.byteLength);
    return Buffer.concat([even(head), length, even(data)]);
  };
  return Buffer.concat([
    Buffer.from('Photoshop 3.0\0', 'latin1'),
    resource(0x03_ed, 'odd', Buffer.alloc(15)),
    resource(0x04_04, '', iim),
    resource(0x04_25, '', Buffer.alloc(16)),
  ]);
}

function even(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(bytes.byteLength % 2)]);
}

interface Described {
  exif?: Uint8Array | undefined;
  xmp?: string | Uint8Array | undefined;
  iim?: Uint8Array | undefined;
}

/** Returns a JPEG with metadata after its first marker. */
export function described(jpeg: Buffer, { exif, xmp, iim }: Described): Buffer {
  const marked = (mark: string, data: string | Uint8Array) =>
    Buffer.concat([Buffer.from(mark, 'latin1'), Buffer.from(data as string)]);
  return Buffer.concat([
    jpeg.subarray(0, 2),
    ...(exif === undefined ? [] : [jpegSegment(0xe1, marked('Exif\0\0', exif))]),
    ...(xmp === undefined ? [] : [jpegSegment(0xe1, marked('http://ns.adobe.com/xap/1.0/\0', xmp))]),
    ...(iim === undefined ? [] : [jpegSegment(0xed, photoshopOf(iim))]),
    jpeg.subarray(2),
  ]);
}
