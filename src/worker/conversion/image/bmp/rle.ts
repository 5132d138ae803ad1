import type { Pixels } from '../../../../core/conversion.ts';
import { corrupt } from '../corrupt.ts';
import { rowAt } from './rows.ts';
import type { Header } from './header.ts';

const END_OF_ROW = 0;
const END_OF_BITMAP = 1;
const SKIP = 2;

/**
 * Decodes rows of runs. Pixels that the file skips are black, as in browsers.
 * https://learn.microsoft.com/windows/win32/gdi/bitmap-compression
 * @param palette RGB, three bytes a color
 * @throws Rejected `image.corrupt` if rows are missing
 */
export function decodeRuns(header: Header, bytes: Buffer, palette: Uint8Array): Pixels {
  const { width, height, encoding } = header;
  const data = new Uint8Array(width * height * 3);
  let x = 0;
  let y = 0;
  let at = 0;
  const next = () => {
    const byte = bytes[at];
    if (byte === undefined) throw corrupt(`the file ends in row ${y + 1} of ${height}`);
    at += 1;
    return byte;
  };
  const put = (red: number, green: number, blue: number) => {
    // Runs that are too long are cut off at the edge.
    if (x >= width) return;
    const pixel = (rowAt(header, y) * width + x) * 3;
    data[pixel] = red;
    data[pixel + 1] = green;
    data[pixel + 2] = blue;
    x += 1;
  };
  const putColor = (index: number) =>
    put(palette[index * 3] ?? 0, palette[index * 3 + 1] ?? 0, palette[index * 3 + 2] ?? 0);
  const readRun = {
    rle8(length: number) {
      const color = next();
      for (let left = length; left > 0; left -= 1) putColor(color);
    },
    rle4(length: number) {
      const pair = next();
      for (let index = 0; index < length; index += 1) putColor(index % 2 === 0 ? pair >> 4 : pair & 15);
    },
    rle24(length: number) {
      const [blue, green, red] = [next(), next(), next()];
      for (let left = length; left > 0; left -= 1) put(red, green, blue);
    },
  };
  const readPixels = {
    rle8(length: number) {
      for (let left = length; left > 0; left -= 1) putColor(next());
      return length;
    },
    rle4(length: number) {
      for (let left = length; left > 0; left -= 2) readRun.rle4(Math.min(left, 2));
      return Math.ceil(length / 2);
    },
    rle24(length: number) {
      for (let left = length; left > 0; left -= 1) readRun.rle24(1);
      return length * 3;
    },
  };
  if (encoding === 'plain') throw new Error('expected a bitmap of runs');
  // Some files lack the end marker. Nothing after the last pixel changes one.
  while (y < height - 1 || (y < height && x < width)) {
    const length = next();
    if (length > 0) {
      readRun[encoding](length);
      continue;
    }
    const command = next();
    if (command === END_OF_BITMAP) break;
    if (command === END_OF_ROW) {
      x = 0;
      y += 1;
    } else if (command === SKIP) {
      x += next();
      y += next();
      if (x > width || y > height) throw corrupt('it skips beyond its edge');
    } else if (readPixels[encoding](command) % 2 === 1) {
      // The next code begins at an even offset.
      at += 1;
    }
  }
  return { data, width, height, channels: 3 };
}
