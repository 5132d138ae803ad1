import sharp, { type Sharp } from 'sharp';
import { tiffFile, type TiffImage } from '../tiff-file.ts';
import { RED, BLUE, redAndBlue, showsHalves, showsRedAndBlue, type FormatCase } from './format-case.ts';

/** Camera RAW as cameras and converters write it, with a few bytes in place of the data of the sensor. */

const SUBFILE = 254;
const COMPRESSION = 259;
const ORIENTATION = 274;
const SONY = 50_341;
const DNG_VERSION = 50_706;

const RGB = 2;
const YCBCR = 6;
const CFA = 32_803;
const LINEAR = 34_892;
const OLD_JPEG = 6;
const JPEG = 7;

const encoded = (picture: Sharp) => picture.jpeg({ quality: 95, chromaSubsampling: '4:4:4' });
export const preview = (width = 64, height = 32) => encoded(redAndBlue(width, height)).toBuffer();

const page = { bits: 8, samples: 3, photometric: RGB } as const;

/** A picture that must not be taken for the upload's. */
const thumbnail: TiffImage = {
  ...page,
  width: 8,
  height: 4,
  data: Buffer.alloc(96, 99),
  fields: { [SUBFILE]: [1] },
};

/** The data of a sensor with margins around the picture of 64 × 32 pixels. */
export const sensorOf = (width = 68, height = 34): TiffImage => ({
  width,
  height,
  bits: 16,
  samples: 1,
  photometric: CFA,
  data: Buffer.alloc(64),
});

function jpegPage(jpeg: Uint8Array, compression = JPEG): TiffImage {
  const fields = { [SUBFILE]: [1], [COMPRESSION]: [compression] };
  return { ...page, width: 64, height: 32, photometric: YCBCR, data: jpeg, fields };
}

/** The header of a lossless JPEG, and its end. */
function losslessJpeg(width: number, height: number, components: readonly number[]): Buffer {
  const frame = Buffer.from([14, 0, height, 0, width, components.length]);
  const all = Buffer.from(components.flatMap((component) => [component, 0x11, 0]));
  const length = Buffer.from([0, 2 + frame.byteLength + all.byteLength]);
  return Buffer.concat([Buffer.of(0xff, 0xd8, 0xff, 0xc3), length, frame, all, Buffer.of(0xff, 0xd9)]);
}

/** @param sensor a lossless JPEG */
async function cr2(sensor: Buffer): Promise<Buffer> {
  const pages = [
    jpegPage(await preview(), OLD_JPEG),
    { ...thumbnail, jpeg: await preview(16, 8) },
    { ...thumbnail, fields: {} },
    { ...jpegPage(sensor, OLD_JPEG), width: 0, height: 0, fields: { [COMPRESSION]: [OLD_JPEG] } },
  ];
  return tiffFile(pages, 'CR\x02\0\0\0\0\0');
}

/** Two columns of the sensor as components. */
const fullRaw = () => losslessJpeg(34, 34, [1, 2]);
const smallRaw = () => losslessJpeg(68, 34, [1, 2, 3]);

/** @param jpegs from small to large, or in another order */
export function nef(jpegs: readonly Uint8Array[], orientation = 1, sensor = sensorOf()): Buffer {
  const inside = [...jpegs.map((jpeg) => ({ ...thumbnail, jpeg })), sensor];
  const fields = { ...thumbnail.fields, [ORIENTATION]: [orientation] };
  return tiffFile([{ ...thumbnail, fields, inside }]);
}

function arw(jpeg: Uint8Array): Buffer {
  const fields = { ...thumbnail.fields, [SONY]: [1] };
  return tiffFile([{ ...thumbnail, fields, jpeg, inside: [sensorOf()] }, thumbnail]);
}

function dng(inside: readonly TiffImage[]): Buffer {
  return tiffFile([{ ...thumbnail, fields: { ...thumbnail.fields, [DNG_VERSION]: [1, 4, 0, 0] }, inside }]);
}

const QUARTER_TURN = 6;
const HALF_TURN = 3;
const upright = showsHalves(BLUE, RED);

async function quarterTurned(): Promise<Buffer> {
  const lying = sharp(await redAndBlue().png().toBuffer()).rotate(-90);
  return nef([await encoded(lying).toBuffer()], QUARTER_TURN);
}

const turnedItself = () => encoded(redAndBlue()).withMetadata({ orientation: HALF_TURN }).toBuffer();

/** A JPEG with EXIF in which another field takes the place of the orientation. */
async function withOtherExif(): Promise<Buffer> {
  const jpeg = await turnedItself();
  const SOFTWARE = 305;
  jpeg.writeUInt16LE(SOFTWARE, jpeg.indexOf(Buffer.of(ORIENTATION & 0xff, ORIENTATION >> 8)));
  return jpeg;
}

const refused = (because: RegExp) => ({ refused: 'image.unsupported_format' as const, because });
const shown = { shows: showsRedAndBlue, loss: 'detail that only the raw sensor data has' };

/** [format, feature, file, what becomes of it] */
const CASES: readonly (readonly [string, string, FormatCase['make'], FormatCase['expected']])[] = [
  ['CR2', 'preview as large as the picture', () => cr2(fullRaw()), shown],
  ['CR2', 'preview as large as the picture, whose data are colors (sRAW)', () => cr2(smallRaw()), shown],
  ['NEF', 'preview as large as the picture', async () => nef([await preview()]), shown],
  [
    'NEF',
    'two previews: the larger one',
    async () => nef([await encoded(redAndBlue(16, 8).negate()).toBuffer(), await preview()]),
    shown,
  ],
  ['NEF', 'orientation', quarterTurned, shown],
  [
    'NEF',
    'orientation, which the preview also has',
    async () => nef([await turnedItself()], QUARTER_TURN),
    { ...shown, shows: upright },
  ],
  [
    'NEF',
    'preview with EXIF, but without orientation',
    async () => nef([await withOtherExif()], HALF_TURN),
    { ...shown, shows: upright },
  ],
  ['ARW', 'preview as large as the picture', async () => arw(await preview()), shown],
  ['DNG', 'preview as large as the picture', async () => dng([sensorOf(), jpegPage(await preview())]), shown],
  [
    'DNG',
    'sensor data stored as lossy JPEG, which is not a preview',
    async () => dng([{ ...jpegPage(await preview()), photometric: LINEAR }]),
    refused(/^the image is DNG \(camera RAW\) without a preview in JPEG/),
  ],
  [
    'NEF',
    'preview smaller than the rendition',
    async () => nef([await preview()], 1, sensorOf(640, 320)),
    refused(
      /^the image is camera RAW, .* preview .* is 64 × 32 pixels, and the rendition result needs 640 × 320$/,
    ),
  ],
  [
    'CR2',
    'preview smaller than the rendition',
    () => cr2(losslessJpeg(200, 200, [1, 2])),
    refused(/^the image is CR2 \(camera RAW by Canon\), .* the rendition result needs 400 × 200$/),
  ],
  ['NEF', 'no preview', () => nef([]), refused(/^the image is camera RAW without a preview in JPEG/)],
  [
    'NEF',
    'preview that is cut off',
    async () => nef([(await preview()).subarray(0, -100)]),
    { refused: 'image.corrupt', because: /ends too early/ },
  ],
  [
    'CR2',
    'cut off before the first directory',
    async () => (await cr2(fullRaw())).subarray(0, 100),
    { refused: 'image.corrupt', because: /directory is missing/ },
  ],
];

export const RAW: readonly FormatCase[] = CASES.map(([format, feature, make, expected]) => ({
  format,
  feature,
  make,
  expected,
}));
