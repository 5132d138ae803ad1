import sharp from 'sharp';
import { bmp, ico, RIGHT_TRANSPARENT, runs } from '../support/bitmaps.ts';
import { gifOf } from '../support/gif-file.ts';
import {
  animatedGif,
  animatedWebp,
  avif,
  cmykJpeg,
  displayP3Jpeg,
  greyWithAlphaPng,
  multiPageTiff,
  orientedWithGps,
  photo,
  sixteenBitPng,
} from '../support/images.ts';

/** Small valid images in every supported format, in the variants with different decoders. */
export async function imageBases(): Promise<Buffer[]> {
  const small = () => sharp(PHOTO).resize(96);
  const PHOTO = await photo();
  return Promise.all([
    small().jpeg().toBuffer(),
    small().jpeg({ progressive: true }).toBuffer(),
    small().grayscale().jpeg().toBuffer(),
    cmykJpeg(),
    displayP3Jpeg(),
    orientedWithGps(),
    small().png().toBuffer(),
    small().png({ palette: true }).toBuffer(),
    small().png({ progressive: true }).toBuffer(),
    greyWithAlphaPng(),
    sixteenBitPng(),
    small().webp().toBuffer(),
    small().webp({ lossless: true }).toBuffer(),
    animatedWebp(),
    avif(),
    small().gif().toBuffer(),
    animatedGif(),
    small().tiff({ compression: 'none' }).toBuffer(),
    small().tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer(),
    small().tiff({ compression: 'deflate', tile: true, tileWidth: 32, tileHeight: 32 }).toBuffer(),
    small().tiff({ compression: 'jpeg', pyramid: true, tile: true }).toBuffer(),
    multiPageTiff(),
    ...made(),
  ]);
}

function made(): Promise<Buffer>[] {
  return [
    bmp({ bits: 24 }),
    bmp({ bits: 4, compression: 2, runs: runs([32, 0x00, 32, 0x11]) }),
    ico([{ bitmap: { bits: 8, mask: RIGHT_TRANSPARENT } }]),
    gifOf([
      { left: 0, width: 64, color: 0, disposal: 2, bits: 8, colors: 250 },
      { left: 32, width: 32, color: 2 },
    ]),
  ].map((bytes) => Promise.resolve(bytes));
}
