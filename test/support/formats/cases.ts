import { APNG } from './apng.ts';
import { AVIF } from './avif.ts';
import { AVIF_COLORS } from './avif-colors.ts';
import { BMP } from './bmp.ts';
import type { FormatCase } from './format-case.ts';
import { GIF } from './gif.ts';
import { HDR_AVIF, HDR_HEIC, HDR_PNG } from './hdr.ts';
import { HEIC } from './heic.ts';
import { ICO } from './ico.ts';
import { JPEG } from './jpeg.ts';
import { JPEG_ODDITIES, JPEG_PARTS } from './jpeg-oddities.ts';
import { OTHER } from './other.ts';
import { PDF } from './pdf.ts';
import { RAW } from './raw.ts';
import { PNG } from './png.ts';
import { PNG_COLORS } from './png-colors.ts';
import { TIFF } from './tiff.ts';
import { TIFF_SAMPLES } from './tiff-samples.ts';
import { WEBP } from './webp.ts';

/** All rows of docs/formats.md. */
export const FORMAT_CASES: readonly FormatCase[] = [
  ...JPEG,
  ...JPEG_ODDITIES,
  ...JPEG_PARTS,
  ...PNG,
  ...APNG,
  ...PNG_COLORS,
  ...HDR_PNG,
  ...WEBP,
  ...AVIF,
  ...AVIF_COLORS,
  ...HDR_AVIF,
  ...HEIC,
  ...HDR_HEIC,
  ...GIF,
  ...TIFF,
  ...TIFF_SAMPLES,
  ...RAW,
  ...BMP,
  ...ICO,
  ...PDF,
  ...OTHER,
];
