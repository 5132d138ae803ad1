import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readExif } from '../../../src/worker/conversion/image/metadata/exif.ts';
import { readIptc } from '../../../src/worker/conversion/image/metadata/iptc.ts';
import { describedBy } from '../../../src/worker/conversion/image/metadata/read.ts';
import { readXmp } from '../../../src/worker/conversion/image/metadata/xmp.ts';
import { exifBytes } from '../../support/exif.ts';
import { heic } from '../../support/formats/heic.ts';
import { sensorOf } from '../../support/formats/raw.ts';
import { cases, fc } from '../../support/fuzz.ts';
import { pngChunk } from '../../support/png.ts';
import { rendered } from '../../support/rendered.ts';
import { tiffFile } from '../../support/tiff-file.ts';
import {
  creators,
  described,
  iimOf,
  inLanguages,
  photoshopOf,
  UTF8_CODING,
  xmpOf,
} from '../../support/xmp-iptc.ts';

const ALL = ['copyright', 'creator', 'date', 'description', 'position'];

const blank = () => sharp({ create: { width: 40, height: 20, channels: 3, background: '#a52a2a' } });

const POSITION =
  '<exif:GPSLatitude>51,30.538333N</exif:GPSLatitude><exif:GPSLongitude>0,7.727667W</exif:GPSLongitude>';
const XMP = xmpOf(
  [
    inLanguages('dc:rights', ['x-default', '© Zoë']),
    creators('Zoë', 'Bob'),
    inLanguages('dc:description', ['x-default', 'A "dog" &amp; &lt;cat&gt;']),
    '<photoshop:DateCreated>2024-02-29T23:59:58.25+09:00</photoshop:DateCreated>',
    POSITION,
  ].join('\n'),
);
const IIM = iimOf(
  UTF8_CODING,
  [2, 0, Buffer.of(0, 4)],
  [2, 116, '© Ann'],
  [2, 80, 'Ann'],
  [2, 80, 'Zoë'],
  [2, 120, 'A fish'],
  [2, 55, '20230102'],
  [2, 60, '030405-0330'],
);
const EXIF = exifBytes({
  image: [
    [33_432, '(C) Exif'],
    [315, 'Exif'],
    [270, 'Of EXIF'],
  ],
  photo: [[36_867, '2022:01:01 10:00:00']],
  gps: [
    [1, 'S'],
    [2, [33, 1, 51, 1, 30, 1]],
    [3, 'E'],
    [4, [151, 1, 12, 1, 0, 1]],
  ],
});

async function photo(metadata: Parameters<typeof described>[1]): Promise<Buffer> {
  return described(await blank().jpeg().toBuffer(), metadata);
}

/** Returns the XMP of a result, without the stamp, and what its EXIF data says. */
async function kept(source: Uint8Array, metadata: readonly string[] = ALL, options: object = {}) {
  const result = await rendered(source, { format: 'jpeg', metadata, ...options });
  const { exif, xmp, iptc } = await sharp(result).metadata();
  expect(iptc).toBeUndefined();
  return { exif: readExif(exif ?? Buffer.alloc(0)), xmp: xmp?.toString() ?? '' };
}

const present = (said: object) =>
  Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [name]));

describe("from its source's XMP, a result keeps", () => {
  it.each([
    ['copyright', '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Zoë<'],
    ['creator', '<dc:creator><rdf:Seq><rdf:li>Zoë, Bob<'],
    ['description', 'x-default">A &quot;dog&quot; &amp; &lt;cat&gt;<'],
    ['date', '<photoshop:DateCreated>2024-02-29T23:59:58+09:00<'],
    ['position', POSITION],
  ])('the %s, and nothing else', async (kind, expected) => {
    const { exif, xmp } = await kept(await photo({ xmp: XMP }), [kind]);
    expect(xmp).toContain(expected);
    expect(xmp.match(/<(dc|photoshop|exif):\w+/g)?.length).toBe(kind === 'position' ? 2 : 1);
    // EXIF has no letters such as ë.
    expect(present(exif)).toEqual(kind === 'copyright' || kind === 'creator' ? [] : [kind]);
  });

  it('the position only if it is asked for, and nothing unless the recipe says so', async () => {
    const source = await photo({ xmp: XMP, exif: exifBytes({ image: [[315, 'Jane']] }) });
    const { exif, xmp } = await kept(
      source,
      ALL.filter((kind) => kind !== 'position'),
    );
    expect(xmp).toContain('Jane');
    expect([xmp.includes('GPS'), exif.position]).toEqual([false, undefined]);
    const plain = await sharp(await rendered(source, { format: 'jpeg' })).metadata();
    expect(plain.exif).toBeUndefined();
    expect(plain.xmp?.toString()).not.toMatch(/Zoë|GPS/);
  });

  it('a position also as EXIF, to the millionth of a minute', async () => {
    const { exif } = await kept(await photo({ xmp: XMP }), ['position']);
    expect(exif.position).toMatchObject({ latitude: { side: 'N' }, longitude: { side: 'W' } });
    expect(exif.position?.latitude.minutes).toBeCloseTo(51 * 60 + 30.538333, 9);
    expect(exif.position?.longitude.minutes).toBeCloseTo(7.727667, 9);
  });

  it.each(['png', 'webp', 'avif', 'tiff'] as const)('what it should, as a %s', async (format) => {
    const source = await blank().withXmp(XMP).toFormat(format).toBuffer();
    expect((await kept(source, ['creator'])).xmp).toContain('>Zoë, Bob<');
  });

  it('what it should, as a HEIC', async () => {
    expect((await kept(await heic('xmp'), ['creator'])).xmp).toContain('>Zoë<');
  });

  it('what it should, as an animated PNG', async () => {
    const png = await blank().png().toBuffer();
    const at = png.indexOf('IDAT') - 4;
    const chunks = [
      pngChunk('acTL', Buffer.of(0, 0, 0, 1, 0, 0, 0, 0)),
      pngChunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${XMP}`)),
      pngChunk('fcTL', Buffer.from('00000000000000280000001400000000000000000001000a0000', 'hex')),
    ];
    const apng = Buffer.concat([png.subarray(0, at), ...chunks, png.subarray(at)]);
    expect((await kept(apng, ['creator'])).xmp).toContain('>Zoë, Bob<');
  });

  const sample = { width: 2, height: 1, samples: 1, photometric: 1 };
  it.each([
    ['8 bits', { ...sample, bits: 8, data: Buffer.alloc(2) }],
    // Millrace unpacks it into another TIFF.
    ['12 bits', { ...sample, bits: 12, data: Buffer.alloc(3) }],
  ])('what it should, as a TIFF of %s', async (_what, page) => {
    const texts = { 700: XMP };
    const iim = Object.fromEntries([[33_723, iimOf([2, 116, 'Ann']).toString('latin1')]]);
    expect((await kept(tiffFile([{ ...page, texts }]), ['creator'])).xmp).toContain('>Zoë, Bob<');
    expect((await kept(tiffFile([{ ...page, texts: iim }]), ['copyright'])).xmp).toContain('>Ann<');
  });

  it('that of camera RAW, and not of its preview', async () => {
    const preview = { width: 40, height: 20, bits: 8, samples: 3, photometric: 6 };
    const raw = async (xmp: string | undefined) => {
      const jpeg = await photo({ xmp: xmpOf(creators('Preview')), iim: IIM });
      const fields = { 50_706: [1, 4, 0, 0] };
      const texts = xmp === undefined ? {} : { 700: xmp };
      const inside = [{ ...preview, data: jpeg, fields: { 254: [1], 259: [7] } }, { ...sensorOf(44, 22) }];
      const thumbnail = { width: 2, height: 1, bits: 8, samples: 3, photometric: 2, data: Buffer.alloc(6) };
      return kept(tiffFile([{ ...thumbnail, fields, texts, inside }]));
    };
    expect((await raw(XMP)).xmp).toContain('>Zoë, Bob<');
    expect((await raw(undefined)).xmp).not.toMatch(/Preview|Ann/);
  });

  it('only as XMP in an animation', async () => {
    const frames = await Promise.all([blank().png().toBuffer(), blank().negate().png().toBuffer()]);
    const source = await sharp(frames, { join: { animated: true } })
      .withXmp(XMP)
      .webp()
      .toBuffer();
    expect((await kept(source, ['creator'], { format: 'webp' })).xmp).toContain('>Zoë, Bob<');
  });
});

describe("from its source's IPTC data, a result keeps", () => {
  it.each([
    ['copyright', '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Ann<'],
    ['creator', '<dc:creator><rdf:Seq><rdf:li>Ann, Zoë<'],
    ['description', 'x-default">A fish<'],
    ['date', '<photoshop:DateCreated>2023-01-02T03:04:05-03:30<'],
  ])('the %s, and nothing else', async (kind, expected) => {
    const { xmp } = await kept(await photo({ iim: IIM }), [kind]);
    expect(xmp).toContain(expected);
    expect(xmp.match(/<(dc|photoshop|exif):\w+/g)).toHaveLength(1);
  });

  it('no position, which it does not have', async () => {
    expect((await kept(await photo({ iim: IIM }), ['position'])).xmp).not.toContain('GPS');
  });
});

describe('each part is read', () => {
  const parts = ({ position, ...rest }: ReturnType<typeof describedBy>) => ({
    ...rest,
    side: position?.latitude.side,
  });
  const ofExif = {
    copyright: '(C) Exif',
    creator: 'Exif',
    description: 'Of EXIF',
    date: { time: '2022-01-01T10:00:00' },
    side: 'S',
  };
  const ofXmp = {
    copyright: '© Zoë',
    creator: 'Zoë, Bob',
    description: 'A "dog" & <cat>',
    date: { time: '2024-02-29T23:59:58', zone: '+09:00' },
    side: 'N',
  };
  const [exif, xmp, iptc] = [EXIF, Buffer.from(XMP), IIM];

  it('from EXIF first, then from XMP, then from IPTC', () => {
    expect(parts(describedBy({ exif, xmp, iptc }))).toEqual(ofExif);
    expect(parts(describedBy({ exif, iptc }))).toEqual(ofExif);
    expect(parts(describedBy({ xmp, iptc }))).toEqual(ofXmp);
    expect(parts(describedBy({ iptc }))).toEqual({
      copyright: '© Ann',
      creator: 'Ann, Zoë',
      description: 'A fish',
      date: { time: '2023-01-02T03:04:05', zone: '-03:30' },
      side: undefined,
    });
  });

  it('from wherever it is, also if the others are elsewhere', async () => {
    const source = await photo({
      exif: exifBytes({
        image: [
          [315, 'Exif'],
          [33_432, ' \0'],
        ],
      }),
      xmp: xmpOf(inLanguages('dc:rights', ['x-default', '© Xmp'])),
      iim: IIM,
    });
    const { exif: found, xmp: written } = await kept(source);
    expect(found).toMatchObject({ copyright: '(C) Xmp', creator: 'Exif', description: 'A fish' });
    expect(written).toContain('>© Xmp<');
  });

  it('so that the date of a photo takes precedence over that of its scan', () => {
    const scanned = exifBytes({ photo: [[36_868, '2026:05:05 10:00:00']] });
    expect(describedBy({ exif: scanned, iptc: iimOf([2, 55, '19360301']) }).date).toEqual({
      time: '1936-03-01',
    });
    const made = Buffer.from(xmpOf('', 'xmp:CreateDate="2025-01-01T00:00:00Z"'));
    expect(describedBy({ exif: scanned, xmp: made }).date).toEqual({ time: '2026-05-05T10:00:00' });
    expect(describedBy({ xmp: made }).date).toEqual({ time: '2025-01-01T00:00:00', zone: '+00:00' });
  });
});

describe('XMP is read', () => {
  const said = (xmp: string) => readXmp(Buffer.from(xmp));

  it('in all forms that RDF allows, with any prefixes', () => {
    expect(said(xmpOf('<dc:rights>Plain</dc:rights>')).copyright).toBe('Plain');
    expect(said(xmpOf('', 'dc:rights="As an attribute"')).copyright).toBe('As an attribute');
    expect(said(xmpOf('<dc:rights><![CDATA[a < b]]>, &#x41;</dc:rights>')).copyright).toBe('a < b, A');
    expect(said(XMP.replaceAll('dc:', 'other:').replaceAll(':dc', ':other')).copyright).toBe('© Zoë');
    expect(said(`${XMP}${'\0'.repeat(3)}`).copyright).toBe('© Zoë');
    expect(said(XMP.replace(/<x:xmpmeta[^>]*>/, '').replace('</x:xmpmeta>', '')).copyright).toBe('© Zoë');
  });

  it('from several descriptions, and in the default language', () => {
    const rights = inLanguages('dc:rights', ['fr', 'Droits'], ['x-default', 'Rights']);
    expect(said(xmpOf(rights)).copyright).toBe('Rights');
    expect(said(xmpOf(inLanguages('dc:rights', ['fr', 'Droits'], ['de', 'Rechte']))).copyright).toBe(
      'Droits',
    );
    const more =
      '</rdf:Description><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" rdf:about="">';
    expect(said(xmpOf(`${rights}${more}${creators('A', 'B')}`))).toMatchObject({
      copyright: 'Rights',
      creator: 'A, B',
    });
  });

  it('without what it says of the images that the image was made from', () => {
    const other = `<rdf:Description>${creators('Somebody else')}</rdf:Description>`;
    for (const pantry of [
      `<xmpMM:Pantry><rdf:Bag><rdf:li>${other}</rdf:li></rdf:Bag></xmpMM:Pantry>`,
      `<xmpMM:Ingredients>${other}</xmpMM:Ingredients>`,
      `<xmpMM:Pantry><rdf:RDF>${other}</rdf:RDF></xmpMM:Pantry>`,
    ]) {
      expect(said(xmpOf(pantry)).creator).toBeUndefined();
      expect(said(xmpOf(`${pantry}${creators('Me')}`)).creator).toBe('Me');
    }
    const foreign = inLanguages('my:rights', ['x-default', 'Not this']);
    expect(said(xmpOf(foreign, 'xmlns:my="urn:mine"')).copyright).toBeUndefined();
  });

  it('only from descriptions of the image, and from lists in properties', () => {
    const rights = '<dc:rights>Not this</dc:rights>';
    const namespaces =
      'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"';
    for (const packet of [
      `<rdf:RDF ${namespaces}><rdf:Bag dc:rights="Not this">${rights}</rdf:Bag></rdf:RDF>`,
      `<a ${namespaces}><rdf:Description dc:rights="Not this">${rights}</rdf:Description></a>`,
      `<a ${namespaces}><rdf:RDF><rdf:Description/></rdf:RDF><b><c>${rights}</c></b></a>`,
      xmpOf('<dc:rights><rdf:Alt><dc:title>Not this</dc:title></rdf:Alt></dc:rights>'),
      xmpOf('<dc:rights><rdf:li>Not this</rdf:li></dc:rights>'),
      xmpOf('<dc:rights><a xmlns="urn:a"><b><rdf:li>Not this</rdf:li></b></a></dc:rights>'),
    ])
      expect(said(packet).copyright).toBeUndefined();
  });

  it('without languages in which it says nothing', () => {
    const rights = inLanguages('dc:rights', ['fr', ' '], ['de', 'Rechte']);
    expect(said(xmpOf(rights)).copyright).toBe('Rechte');
  });

  it.each([
    ['2024-02-29', { time: '2024-02-29' }],
    ['2024-02-29T10:30', { time: '2024-02-29T10:30:00' }],
    ['2024-02-29T10:30:15Z', { time: '2024-02-29T10:30:15', zone: '+00:00' }],
    ['2024-02-29T10:30:15.123456-08:00', { time: '2024-02-29T10:30:15', zone: '-08:00' }],
    ['2024-02-29T10:30:15.1234567890Z', { time: '2024-02-29T10:30:15', zone: '+00:00' }],
    ['1936-05', { time: '1936-05' }],
    ['1936', { time: '1936' }],
    ['2024-02-30', undefined],
    ['2024-13', undefined],
    ['2024-02T10:30', undefined],
    ['0000', undefined],
    ['0000-00-00T00:00:00', undefined],
    ['yesterday', undefined],
  ])('with the date %s', (text, date) => {
    expect(said(xmpOf('', `photoshop:DateCreated="${text}"`)).date).toEqual(date);
    expect(said(xmpOf(`<exif:DateTimeOriginal>${text}</exif:DateTimeOriginal>`)).date).toEqual(date);
  });

  it.each(['2024-02-29', '1936'])('and a date without a time is written only as XMP: %s', async (date) => {
    const scanned = 'xmp:CreateDate="2025-01-01T00:00:00Z"';
    const source = await photo({ xmp: xmpOf('', `photoshop:DateCreated="${date}" ${scanned}`) });
    const { exif, xmp } = await kept(source);
    expect([exif.date, xmp.includes(`<photoshop:DateCreated>${date}</`)]).toEqual([undefined, true]);
  });

  it.each([
    ['51,30.5N', 51 * 60 + 30.5],
    ['51,30,30S', 51 * 60 + 30.5],
    ['51,30.50000000000000000001N', 51 * 60 + 30.5],
    ['90,0.0N', 90 * 60],
    ['90,0.000001N', undefined],
    ['51,30.5E', undefined],
    ['51.5N', undefined],
    ['-51,30N', undefined],
    ['51,30', undefined],
  ])('with the latitude %s', (text, minutes) => {
    const xmp = xmpOf('', `exif:GPSLatitude="${text}" exif:GPSLongitude="13,24.0E"`);
    expect(said(xmp).position?.latitude.minutes).toBe(minutes);
  });

  it('without half a position', () => {
    expect(said(xmpOf('', 'exif:GPSLatitude="51,30.5N"')).position).toBeUndefined();
  });

  it.each([
    ['UTF-8', (text: string) => Buffer.from(text)],
    ['UTF-16, little-endian', (text: string) => Buffer.from(text, 'utf16le')],
    ['UTF-16, big-endian', (text: string) => Buffer.from(text, 'utf16le').swap16()],
  ])('in %s, with and without a byte order mark', (_coding, encoded) => {
    for (const mark of ['\uFEFF', ''])
      for (const padding of ['', '\0'])
        expect(readXmp(encoded(`${mark}${XMP}${padding}`)).copyright).toBe('© Zoë');
  });

  it.each([
    ['that is cut off', XMP.slice(0, -60)],
    ['that is not XML', 'dc:creator=Zoë'],
    ['with an unknown prefix', xmpOf(`${creators('Zoë')}<no:where/>`)],
    ['with an entity of its own', `<!DOCTYPE x [<!ENTITY a "Zoë">]>${xmpOf(creators('Zoë', '&a;'))}`],
    ['with a document type', `<!DOCTYPE x>${xmpOf(creators('Zoë'))}`],
    ['in Latin-1', Buffer.from(xmpOf(creators('Zoë')), 'latin1')],
  ])('not at all from a packet %s', (_what, packet) => {
    expect(present(readXmp(Buffer.from(packet as string)))).toEqual([]);
  });

  it('only up to limits: of its size, its depth and the length of its lists', () => {
    const sized = (bytes: number) => {
      const packet = xmpOf(creators('Zoë'));
      return `${packet}${' '.repeat(bytes - Buffer.byteLength(packet))}`;
    };
    expect(said(sized(1_000_000)).creator).toBe('Zoë');
    expect(said(sized(1_000_001)).creator).toBeUndefined();
    // Of 64 elements, three are around the properties.
    const deep = (depth: number) =>
      xmpOf(`${creators('Zoë')}${'<dc:a>'.repeat(depth)}${'</dc:a>'.repeat(depth)}`);
    expect(said(deep(61)).creator).toBe('Zoë');
    expect(said(deep(62)).creator).toBeUndefined();
    const names = Array.from({ length: 1000 }, (_, index) => `${index}`);
    expect(said(xmpOf(creators(...names))).creator?.endsWith(', 99')).toBe(true);
  });
});

describe('IPTC data is read', () => {
  it.each([
    ['UTF-8, as it says', [UTF8_CODING, [2, 116, '© 漢字']], '© 漢字'],
    [
      'UTF-8 that was cut within a character',
      [UTF8_CODING, [2, 116, Buffer.from('ab漢').subarray(0, 4)]],
      'ab',
    ],
    ['Latin-1', [[2, 116, Buffer.from('© Zoë', 'latin1')]], '© Zoë'],
    ['Latin-1 that claims to be UTF-8', [UTF8_CODING, [2, 116, Buffer.from('© Zoë', 'latin1')]], '© Zoë'],
    ['Latin-1 that ends like UTF-8 that was cut', [[2, 116, Buffer.from('Zoë', 'latin1')]], 'Zoë'],
    ['UTF-8 that does not say so', [[2, 116, '© Zoë']], '© Zoë'],
    ['one line', [[2, 116, 'a\r\nb\0 ']], 'a b'],
  ] as const)('as %s', (_what, datasets, text) => {
    expect(readIptc(iimOf(...datasets)).copyright).toBe(text);
    expect(readIptc(photoshopOf(iimOf(...datasets))).copyright).toBe(text);
  });

  it.each([
    ['20240229', '235958+0900', { time: '2024-02-29T23:59:58', zone: '+09:00' }],
    ['20240229', '235958', { time: '2024-02-29T23:59:58' }],
    ['20240229', '', { time: '2024-02-29' }],
    ['20240229', '999999', { time: '2024-02-29' }],
    ['19360000', '235958', { time: '1936' }],
    ['19360500', '', { time: '1936-05' }],
    ['00000000', '', undefined],
    ['20240012', '', undefined],
    ['20241300', '', undefined],
    ['', '235958', undefined],
  ])('with the date %j and the time %j', (date, time, expected) => {
    expect(readIptc(iimOf([2, 55, date], [2, 60, time])).date).toEqual(expected);
  });

  it('also after a record whose length is longer than two bytes', () => {
    const preview = (length: string) =>
      Buffer.concat([Buffer.from(`1c02ca${length}`, 'hex'), Buffer.alloc(40_000)]);
    const creator = (length: string) =>
      readIptc(Buffer.concat([preview(length), iimOf([2, 80, 'Ann'])])).creator;
    expect(['8003009c40', '800400009c40', '8006000000009c40'].map(creator)).toEqual(['Ann', 'Ann', 'Ann']);
    const wrong = ['8000', '8004ffffffff', '800700000000009c40', 'ffff'];
    expect(wrong.map(creator)).toEqual(wrong.map(() => undefined));
    expect(readIptc(Buffer.from('1c0250800400000003416e6e', 'hex')).creator).toBe('Ann');
  });

  it('up to the first damaged record', () => {
    const sound = iimOf([2, 80, 'Ann']);
    const long = Buffer.from(iimOf([2, 116, 'Agency']));
    for (const length of [7, 0x7f_ff, 0x80_04, 0xff_ff]) {
      long.writeUInt16BE(length, 3);
      expect(present(readIptc(Buffer.concat([sound, long])))).toEqual(['creator']);
    }
    expect(present(readIptc(Buffer.concat([Buffer.of(0), sound])))).toEqual([]);
    const other = iimOf([2, 116, 'Agency']);
    other[0] = 0x1d;
    expect(present(readIptc(Buffer.concat([sound, other])))).toEqual(['creator']);
    // A length of six bytes, of which the file has one.
    const cut = Buffer.from('1c0274800600', 'hex');
    expect(present(readIptc(Buffer.concat([sound, cut])))).toEqual(['creator']);
    // A length of no bytes is none, not one of 32,768 bytes.
    const none = Buffer.concat([Buffer.from('1c02ca8000', 'hex'), Buffer.alloc(32_768)]);
    expect(present(readIptc(Buffer.concat([none, sound])))).toEqual([]);
  });

  it('from resources of Photoshop that are cut off anywhere, if all of it is there', () => {
    const iim = iimOf([2, 80, 'Ann']);
    const photoshop = photoshopOf(iim);
    const end = photoshop.indexOf(iim) + iim.length;
    for (let length = 0; length <= photoshop.length; length += 1)
      expect(readIptc(photoshop.subarray(0, length)).creator).toBe(length < end ? undefined : 'Ann');
  });

  it('only from a resource of Photoshop with its mark', () => {
    const photoshop = photoshopOf(iimOf([2, 80, 'Ann']));
    photoshop.write('PHUT', photoshop.lastIndexOf('8BIM', photoshop.indexOf('Ann')), 'latin1');
    expect(readIptc(photoshop).creator).toBeUndefined();
  });

  it('only from so many records', () => {
    const many = Array.from({ length: 4096 }, (_, index) => [2, 25, `${index}`] as const);
    expect(readIptc(iimOf(...many.slice(1), [2, 80, 'Ann'])).creator).toBe('Ann');
    expect(readIptc(iimOf(...many, [2, 80, 'Ann'])).creator).toBeUndefined();
    const empty = Buffer.from('8BIM\x03\xED\0\0\0\0\0\0', 'latin1');
    const after = (resources: number) => {
      const [mark, rest] = [Buffer.from('Photoshop 3.0\0'), photoshopOf(iimOf([2, 80, 'Ann'])).subarray(14)];
      return readIptc(Buffer.concat([mark, Buffer.alloc(resources * empty.length, empty), rest])).creator;
    };
    // The second of its own is the last that is read.
    expect([1022, 1023].map(after)).toEqual(['Ann', undefined]);
  });
});

it('damaged XMP and IPTC never fail a conversion', async () => {
  const jpeg = await blank().jpeg().toBuffer();
  const [xmp, iim] = [Buffer.from(XMP), Buffer.from(IIM)];
  const damage = (bytes: Buffer) =>
    fc
      .tuple(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(bytes.length),
        fc.boolean(),
      )
      .map(([values, length, isCut]) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of values) damaged[at] = value;
        return isCut ? damaged.subarray(0, length) : damaged;
      });
  await fc.assert(
    fc.asyncProperty(damage(xmp), damage(iim), async (badXmp, badIim) => {
      const source = described(jpeg, { xmp: badXmp, iim: badIim });
      const { width } = await sharp(await rendered(source, { format: 'jpeg', metadata: ALL })).metadata();
      expect(width).toBe(40);
    }),
    { numRuns: cases(300) },
  );
});

it('any bytes can be read as XMP, IPTC or EXIF', () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  const marked = fc.constantFrom(
    '',
    'Photoshop 3.0\0',
    'Photoshop 3.08BIM\x04\x04\0\0',
    '\x1C\x02\x50',
    '<rdf:RDF ',
  );
  const result = fc.check(
    fc.property(marked, bytes, (mark, rest) => {
      const data = Buffer.concat([Buffer.from(mark, 'latin1'), rest]);
      const said = Object.values(describedBy({ exif: data, xmp: data, iptc: data }));
      return said.every((text) => typeof text !== 'string' || text.length <= 2000);
    }),
    { numRuns: cases(2000) },
  );
  expect(result.counterexample).toBeNull();
});
