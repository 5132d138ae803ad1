import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { greyProfile, rgbProfile } from '../../../src/worker/conversion/image/color/icc-profile.ts';
import {
  BT709,
  gammaCurve,
  SRGB,
  SRGB_CURVE,
  type Primaries,
} from '../../../src/worker/conversion/image/color/rgb-space.ts';
import { isSrgbProfile } from '../../../src/worker/conversion/image/keep/srgb-profile.ts';

const open = (bytes: Uint8Array) => sharp(bytes);
const isSrgb = (icc: Uint8Array) => isSrgbProfile(icc, open);

async function profileOf(name: string): Promise<Buffer> {
  const pixel = sharp({ create: { width: 1, height: 1, channels: 3, background: '#000000' } });
  const { icc } = await sharp(await pixel.withIccProfile(name).png().toBuffer()).metadata();
  if (icc === undefined) throw new Error('expected a profile');
  return icc;
}

/** Returns a profile of sRGB whose curves are tables, as in most photos. */
function withTables(icc: Uint8Array, entries: number, light: (value: number) => number): Buffer {
  const curve = Buffer.alloc(12 + 2 * entries);
  curve.write('curv', 'latin1');
  curve.writeUInt32BE(entries, 8);
  for (let index = 0; index < entries; index += 1)
    curve.writeUInt16BE(Math.round(65_535 * light(index / (entries - 1))), 12 + 2 * index);
  const profile = Buffer.concat([icc, curve]);
  profile.writeUInt32BE(profile.length);
  for (let at = 132; at < 132 + 12 * profile.readUInt32BE(128); at += 12)
    if (profile.toString('latin1', at + 1, at + 4) === 'TRC') {
      profile.writeUInt32BE(icc.length, at + 4);
      profile.writeUInt32BE(curve.length, at + 8);
    }
  return profile;
}

/** Returns a profile that also has a table of colors for all intents: of black only. */
function withTableOfColors(icc: Uint8Array): Buffer {
  const count = Buffer.from(icc).readUInt32BE(128);
  const table = Buffer.alloc(52 + 2 * 3 * 2 + 8 * 3 * 2 + 2 * 3 * 2);
  table.write('mft2', 'latin1');
  table.set([3, 3, 2], 8);
  for (const at of [12, 28, 44]) table.writeUInt32BE(0x1_00_00, at);
  table.writeUInt16BE(2, 48);
  table.writeUInt16BE(2, 50);
  const profile = Buffer.concat([icc, table]);
  // Instead of its copyright.
  const entry = profile.indexOf('cprt', 132);
  profile.write('A2B0', entry, 'latin1');
  profile.writeUInt32BE(icc.length, entry + 4);
  profile.writeUInt32BE(table.length, entry + 8);
  profile.writeUInt32BE(profile.length);
  expect(entry).toBeLessThan(132 + 12 * count);
  return profile;
}

/** Returns a profile of sRGB with a part of each color's red taken from its green: only mixed colors show it. */
function withMoreRed(icc: Uint8Array, share: number): Buffer {
  const profile = Buffer.from(icc);
  const columnAt = (tag: string) => profile.readUInt32BE(profile.indexOf(tag, 132) + 4) + 8;
  const [red, green] = [columnAt('rXYZ'), columnAt('gXYZ')] as const;
  for (let at = 0; at < 12; at += 4) {
    const value = profile.readInt32BE(red + at);
    profile.writeInt32BE(Math.round(value * (1 + share)), red + at);
    profile.writeInt32BE(Math.round(profile.readInt32BE(green + at) - value * share), green + at);
  }
  return profile;
}

const light = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

const space = (primaries: Partial<Primaries>, curve = SRGB_CURVE) =>
  rgbProfile({ primaries: { ...BT709, ...primaries }, curve });

/** Returns a profile with the name of sRGB. */
function named(icc: Buffer): Buffer {
  const text = Buffer.from('sRGB', 'utf16le').swap16();
  const at = icc.indexOf('mluc');
  text.copy(icc, at + icc.readUInt32BE(at + 24));
  return icc;
}

describe('a profile is that of sRGB', () => {
  it.each<[why: string, make: () => Uint8Array | Promise<Uint8Array>]>([
    ['if it has its primaries and curve, whatever its name', () => rgbProfile(SRGB)],
    ['in the form that libvips writes', () => profileOf('srgb')],
    ['if its curves are tables', () => withTables(rgbProfile(SRGB), 1024, light)],
    ['if rounding in short tables changes values by one', () => withTables(rgbProfile(SRGB), 30, light)],
    ['if its white is rounded in another way', () => space({ white: [0.31271, 0.32902] })],
  ])('%s', async (_why, make) => {
    expect(await isSrgb(await make())).toBe(true);
  });
});

describe('a profile is not that of sRGB', () => {
  it.each<[why: string, make: () => Uint8Array | Promise<Uint8Array>]>([
    ['with the primaries of P3', () => profileOf('p3')],
    ['with the name of sRGB and the primaries of P3', async () => named(await profileOf('p3'))],
    ['with the gamma 2.2, which is almost its curve', () => space({}, gammaCurve(2.2))],
    ['with tables of the gamma 2.2', () => withTables(rgbProfile(SRGB), 1024, (value) => value ** 2.2)],
    ['with the primaries of PAL, of which only green differs', () => space({ green: [0.29, 0.6] })],
    [
      'with columns of which only mixed colors show that they differ',
      () => withMoreRed(rgbProfile(SRGB), 0.01),
    ],
    ['with red and green exchanged', () => space({ red: BT709.green, green: BT709.red })],
    ['with another white', () => space({ white: [0.3457, 0.3585] })],
    [
      'with a bump in its curve',
      () =>
        withTables(rgbProfile(SRGB), 256, (value) =>
          Math.round(value * 255) === 101 ? light(value) + 0.05 : light(value),
        ),
    ],
    ['with a table of colors, which takes precedence', () => withTableOfColors(rgbProfile(SRGB))],
    ['of grey', () => greyProfile(SRGB_CURVE)],
    ['that is damaged', () => rgbProfile(SRGB).subarray(0, 200)],
  ])('%s', async (_why, make) => {
    expect(await isSrgb(await make())).toBe(false);
  });
});
