import sharp from 'sharp';
import * as images from '../images.ts';
import { BLUE, RED, redAndBlue, showsHalves, showsRedAndBlue, type FormatCase } from './format-case.ts';
import { cmykTiff } from './tiff-samples.ts';

const jpeg = () => redAndBlue().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
/** The same inks as in the TIFF. */
const cmyk = () => sharp(cmykTiff()).pipelineColourspace('cmyk').toColourspace('cmyk').jpeg({ quality: 100 });

export const JPEG: readonly FormatCase[] = [
  { format: 'JPEG', feature: 'baseline', make: jpeg, expected: { shows: showsRedAndBlue } },
  {
    format: 'JPEG',
    feature: 'progressive',
    make: () => redAndBlue().jpeg({ quality: 95, chromaSubsampling: '4:4:4', progressive: true }).toBuffer(),
    expected: { shows: showsRedAndBlue },
  },
  {
    format: 'JPEG',
    feature: 'grey',
    make: () => images.halves('#404040', '#c0c0c0', 64, 32).toColourspace('b-w').jpeg().toBuffer(),
    expected: { shows: showsHalves([64, 64, 64], [192, 192, 192]) },
  },
  {
    format: 'JPEG',
    feature: 'CMYK without a profile, as ideal inks, as browsers show it',
    make: () => cmyk().toBuffer(),
    expected: { shows: showsHalves([0, 255, 255], [102, 76, 51]) },
  },
  {
    format: 'JPEG',
    feature: 'CMYK with an ICC profile',
    // Colors that the inks of the profile can show.
    make: () =>
      images
        .halves('#a06050', '#506070', 64, 32)
        .toColourspace('cmyk')
        .withIccProfile('cmyk')
        .jpeg({ quality: 95 })
        .toBuffer(),
    expected: { shows: showsHalves([160, 96, 80], [80, 96, 112]) },
  },
  {
    format: 'JPEG',
    feature: 'EXIF orientation',
    make: images.orientedWithGps,
    expected: { shows: showsHalves(RED, BLUE, { width: 120, height: 80 }) },
  },
  {
    format: 'JPEG',
    feature: 'cut off',
    make: images.truncatedJpeg,
    expected: { refused: 'image.corrupt', because: /could not be decoded/ },
  },
  {
    format: 'JPEG',
    feature: 'damaged in the middle',
    make: images.corruptJpeg,
    expected: { refused: 'image.corrupt', because: /could not be decoded/ },
  },
];
