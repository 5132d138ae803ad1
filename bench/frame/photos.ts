import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import sharp from 'sharp';
import { WrongArguments } from './arguments.ts';
import { cameraPhoto } from './photo.ts';

/** Photos to measure with. */
export interface Photos {
  /** Returns camera photos. Repeats them if there are not enough. */
  camera(count: number): Promise<Buffer[]>;
  /** Returns one-megapixel photos as JPEG. */
  megapixel(count: number): Promise<Buffer[]>;
}

/** Number of different generated photos. */
const MADE = 10;
const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.avif', '.tif', '.tiff'];
const MEGAPIXEL = { width: 1200, height: 900 } as const;

/** Generates photos on first use. */
export function madePhotos(): Photos {
  const made = new Map<number, Promise<Buffer>>();
  return photosFrom(MADE, (index) => {
    const photo = made.get(index) ?? cameraPhoto(index);
    made.set(index, photo);
    return photo;
  });
}

/**
 * Reads photos from a folder.
 * @throws WrongArguments if it has none
 */
export async function photosIn(folder: string): Promise<Photos> {
  const all = await readdir(folder).catch((error: Error) => {
    throw new WrongArguments(`--photos: ${error.message}`);
  });
  const files = all.filter((file) => EXTENSIONS.includes(extname(file).toLowerCase()));
  if (files.length === 0)
    throw new WrongArguments(
      `no photos in ${folder}: expected files with the extensions ${EXTENSIONS.join(', ')}`,
    );
  files.sort();
  return photosFrom(files.length, (index) => readFile(join(folder, files[index] ?? '')));
}

function photosFrom(different: number, photo: (index: number) => Promise<Buffer>): Photos {
  async function repeated(count: number, of: (index: number) => Promise<Buffer>): Promise<Buffer[]> {
    const photos: Buffer[] = [];
    for (let index = 0; index < Math.min(count, different); index += 1) photos.push(await of(index));
    return Array.from({ length: count }, (_, index) => photos[index % different] ?? Buffer.of());
  }
  const small = async (index: number) =>
    sharp(await photo(index))
      .autoOrient()
      .resize({ ...MEGAPIXEL, fit: 'inside' })
      .jpeg({ quality: 90 })
      .toBuffer();
  return {
    camera: (count) => repeated(count, photo),
    megapixel: (count) => repeated(count, small),
  };
}
