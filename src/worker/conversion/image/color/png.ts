import { deflateSync } from 'node:zlib';
import type { Sharp } from 'sharp';
import type { Size } from '../../../../core/geometry.ts';
import type { Inspected } from '../inspect.ts';
import type { Described } from './described.ts';
import { fromCodes, hdrFromCodes } from './code-points.ts';
import { withoutHdr } from './hdr.ts';
import { greyProfile, rgbProfile } from './icc-profile.ts';
import { LIGHT_UNITS, peakOf } from './peak.ts';
import { pngChunk } from './png-chunk.ts';
import { pngHeader, type Chunk } from './png-chunks.ts';
import {
  BT709,
  gammaCurve,
  isSrgb,
  SRGB_CURVE,
  toXyz,
  type Chromaticity,
  type Primaries,
  type RgbSpace,
} from './rgb-space.ts';
import type { HdrPicture } from './tone-map.ts';

/** The color types for grey, without and with alpha. https://www.w3.org/TR/png-3/#11IHDR */
const GREY: ReadonlySet<number> = new Set([0, 4]);

/** Chunks that describe colors. libpng would compare them with the profile. */
const TOLD_BY: ReadonlySet<string> = new Set(['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM']);

/** Returns a PNG as `withProfile` does or, for HDR, in sRGB. */
export async function described(
  png: Uint8Array,
  { space = '', hasProfile = false }: Inspected,
  size: Size,
  open: (bytes: Uint8Array) => Sharp,
): Promise<Described> {
  const hdr = hdrIn(png);
  if (hdr === undefined) {
    const bytes = withProfile(png);
    return { image: bytes, hasProfile: hasProfile || bytes !== png };
  }
  // The values only: `cICP` takes precedence over the profile.
  const image = await withoutHdr(open(png).keepIccProfile(), hdr, size, DEEP.has(space));
  return { image, hasProfile: false };
}

/** libvips's names of the spaces with 16 bits per channel. */
const DEEP: ReadonlySet<string> = new Set(['rgb16', 'grey16']);

/**
 * Replaces a PNG's `cICP`, `gAMA` and `cHRM` chunks with an equivalent ICC profile. Returns the PNG itself if its colors
 * are in sRGB or in a profile already.
 */
export function withProfile(png: Uint8Array): Uint8Array {
  const { chunks } = pngHeader(png);
  const byType = new Map(chunks.map((chunk) => [chunk.type, chunk]));
  const header = byType.get('IHDR');
  const space = spaceOf(byType);
  if (header === undefined || space === undefined) return png;
  const grey = GREY.has(header.data[9] ?? 0);
  const needsNone = isSrgb(space) || (grey && space.curve === SRGB_CURVE);
  if (needsNone && !byType.has('iCCP')) return png;
  return withIccp(png, grey ? greyProfile(space.curve) : rgbProfile(space));
}

/** Returns the HDR color space that a PNG's `cICP` names, if it does. */
export function hdrIn(png: Uint8Array): HdrPicture | undefined {
  const data = (type: string) => pngHeader(png).chunks.find((chunk) => chunk.type === type)?.data;
  const [primaries = 0, transfer = 0, ...more] = data('cICP') ?? [];
  const hdr = isRgb(more) ? hdrFromCodes(primaries, transfer) : undefined;
  if (hdr === undefined) return undefined;
  const level = data('cLLI');
  return {
    ...hdr,
    peak: peakOf(level?.length === 8 ? level.readUInt32BE() / LIGHT_UNITS : undefined, data('mDCV')),
  };
}

/** Returns a PNG with this profile as the only description of its colors. */
export function withIccp(png: Uint8Array, profile: Uint8Array): Uint8Array {
  const { signature, chunks, rest } = pngHeader(png);
  const [header, ...others] = chunks.filter(({ type }) => !TOLD_BY.has(type)).map(({ whole }) => whole);
  return Buffer.concat([signature, header ?? Buffer.alloc(0), profileChunk(profile), ...others, rest]);
}

type Chunks = ReadonlyMap<string, Chunk>;

/** In order of precedence: https://www.w3.org/TR/png-3/#color-chunk-precendence */
function spaceOf(chunks: Chunks): RgbSpace | undefined {
  const codes = chunks.get('cICP');
  const named = codes === undefined ? undefined : fromCicp(codes.data);
  if (named !== undefined) return named;
  if (chunks.has('iCCP') || chunks.has('sRGB')) return undefined;
  return fromGamma(chunks.get('gAMA')?.data, chunks.get('cHRM')?.data);
}

/** How Chromium shows the camera curves of video in PNG: as a display of ITU-R BT.1886. */
const BT1886 = gammaCurve(2.4);

function fromCicp([primaries = 0, transfer = 0, ...more]: Uint8Array): RgbSpace | undefined {
  return isRgb(more) ? fromCodes(primaries, transfer, BT1886) : undefined;
}

/** PNG allows only the full range. */
function isRgb([matrix, fullRange]: readonly number[]): boolean {
  return matrix === 0 && fullRange === 1;
}

/** The range that libpng accepts, in 100,000ths. */
const GAMMAS = [16, 625_000_000] as const;

/** To libpng and browsers, a gamma without primaries that differs less from 1 / 2.2 means sRGB. */
const SIGNIFICANT = 0.05;

/** Browsers use primaries only together with a gamma. */
function fromGamma(gamma: Buffer | undefined, primaries: Buffer | undefined): RgbSpace | undefined {
  if (gamma?.length !== 4) return undefined;
  const value = gamma.readUInt32BE();
  if (value < GAMMAS[0] || value > GAMMAS[1]) return undefined;
  const found = primariesOf(primaries);
  if (found === undefined && Math.abs((value / 100_000) * 2.2 - 1) <= SIGNIFICANT) return undefined;
  return { primaries: found ?? BT709, curve: gammaCurve(100_000 / value) };
}

/** Beyond these, a profile would be useless and cannot be written. */
const LARGEST_XYZ = 8;

function primariesOf(data: Buffer | undefined): Primaries | undefined {
  if (data?.length !== 32) return undefined;
  const at = (index: number): Chromaticity => [
    data.readUInt32BE(index * 8) / 100_000,
    data.readUInt32BE(index * 8 + 4) / 100_000,
  ];
  const primaries = { white: at(0), red: at(1), green: at(2), blue: at(3) };
  const usable = toXyz(primaries)
    .flat()
    .every((value) => Math.abs(value) < LARGEST_XYZ);
  return usable ? primaries : undefined;
}

function profileChunk(profile: Uint8Array): Buffer {
  // Name, terminator, compression method.
  return pngChunk('iCCP', Buffer.concat([Buffer.from('ICC\0\0', 'latin1'), deflateSync(profile)]));
}
