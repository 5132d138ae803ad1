import * as images from '../images.ts';
import { BLUE, RED, redAndBlue, showsHalves, showsRedAndBlue, type FormatCase } from './format-case.ts';

const jpeg = () => redAndBlue().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();

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
