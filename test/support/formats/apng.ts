import { pngChunk } from '../png.ts';
import { halves } from '../images.ts';
import { redAndBlue, showsRedAndBlue, type FormatCase } from './format-case.ts';

/** https://www.w3.org/TR/png-3/#apng-frame-based-animation */

const WIDTH = 64;
const HEIGHT = 32;
const SIGNATURE_BYTES = 8;

const number = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Its place in the sequence, and then size, offset, a delay of 0.1 s, and how it is drawn. */
const frame = (sequence: number) =>
  pngChunk(
    'fcTL',
    Buffer.concat([...[sequence, WIDTH, HEIGHT, 0, 0].map(number), Buffer.of(0, 1, 0, 10, 0, 0)]),
  );

/** Returns an APNG of these parts and a last frame. */
async function apng(parts: (header: Buffer, pixels: Buffer) => readonly Buffer[]): Promise<Buffer> {
  const first = await redAndBlue(WIDTH, HEIGHT).png().toBuffer();
  const second = await halves('#00ff00', '#00ff00', WIDTH, HEIGHT).png().toBuffer();
  const pixelsAt = (png: Buffer) => png.indexOf('IDAT') - 4;
  const end = (png: Buffer) => png.subarray(-12);
  const pixels = first.subarray(pixelsAt(first), -12);
  const last = second.subarray(pixelsAt(second) + SIGNATURE_BYTES, -16);
  const header = first.subarray(0, pixelsAt(first));
  return Buffer.concat([
    ...parts(header, pixels),
    frame(1),
    pngChunk('fdAT', Buffer.concat([number(2), last])),
    end(first),
  ]);
}

const animation = (frames: number) => pngChunk('acTL', Buffer.concat([number(frames), number(0)]));

export const APNG: readonly FormatCase[] = [
  {
    format: 'PNG',
    feature: 'animation (APNG)',
    make: () => apng((header, pixels) => [header, animation(2), frame(0), pixels]),
    expected: { shows: showsRedAndBlue, loss: 'only the first frame' },
  },
  {
    format: 'PNG',
    feature: 'animation whose default image is not a frame',
    make: () => apng((header, pixels) => [header, animation(1), pixels]),
    expected: { refused: 'image.unsupported_format', because: /APNG whose default image is not a frame/ },
  },
];
