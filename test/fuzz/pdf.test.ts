import { deflateSync } from 'node:zlib';
import { seededRandom } from '@millrace/local-aws/models';
import { expect, it } from 'vitest';
import { Rejected } from '../../src/core/errors.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { renditionSchema } from '../../src/core/rendition.ts';
import { deadlineIn } from '../../src/worker/conversion/image/limits.ts';
import { drawPage } from '../../src/worker/conversion/image/pdf/draw.ts';
import { cases, FUZZ_SEED } from '../support/fuzz.ts';
import { PDF } from '../support/formats/pdf.ts';
import { pdf } from '../support/pdf.ts';
import { takesLong } from '../support/takes-long.ts';
import { damaged } from './damage.ts';

takesLong();

const CASES = cases(200);
const LIMITS = { ...DEFAULT_RECIPE.limits, pixels: 1_000_000 };
const SECONDS = 10;
const WANTED = { page: 1, renditions: [renditionSchema.parse({ name: 'a', width: 200, height: 200 })] };

/** A page with a gradient, a pattern, a group with a soft mask, a blend mode, dashes, an inline image and text. */
function rich(isCompressed: boolean): Buffer {
  const drawing = Buffer.from(`
    q 0 0 100 50 re W n /S sh Q
    /Pattern cs /P scn 100 0 100 50 re f
    q /G gs /X Do Q
    [3 2] 1 d 2 w 1 J 1 j 10 10 m 50 90 90 10 150 80 c S
    0.2 0.4 0.6 0.1 k 20 60 m 60 90 l 90 60 l h B*
    BT /F 12 Tf 1 Tr 10 80 Td (Millrace) Tj 0 -14 TD [(A) 120 (W)] TJ ET
    q 30 0 0 30 160 60 cm BI /W 4 /H 2 /CS /G /BPC 4 ID \x12\x34\x56\x78 EI Q`);
  const page = {
    width: 200,
    height: 100,
    entries: `/Resources << /Shading << /S 100 0 R >> /Pattern << /P 101 0 R >> /ExtGState << /G 102 0 R >>
      /XObject << /X 103 0 R >> /Font << /F << /Type /Font /Subtype /TrueType /BaseFont /Arial >> >> >>`,
  };
  const content = (entries: string, text: string) => ({ entries, content: Buffer.from(text) });
  const group =
    '/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Group << /S /Transparency /CS /DeviceRGB >>';
  const objects = [
    '<< /ShadingType 3 /ColorSpace /DeviceRGB /Coords [50 25 0 50 25 40] /Function 105 0 R /Extend [true true] >>',
    content(
      '/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 10 /YStep 10 /Resources << >>',
      '1 0 0 rg 0 0 5 5 re f',
    ),
    '<< /ca 0.5 /BM /Multiply /SMask << /S /Luminosity /G 104 0 R >> >>',
    content(group, '0 1 0 rg 20 20 160 60 re f'),
    content(group, '0.7 g 0 0 100 100 re f'),
    '<< /FunctionType 2 /Domain [0 1] /C0 [1 0 0] /C1 [0 0 1] /N 1.5 >>',
  ];
  return isCompressed
    ? pdf([{ ...page, drawing: deflateSync(drawing), drawingEntries: '/Filter /FlateDecode' }], { objects })
    : pdf([{ ...page, drawing }], { objects });
}

// For 100,000 cases, which take hours: FUZZ_SCALE=500 npx vitest run test/fuzz/pdf.test.ts
it(
  `a damaged PDF is drawn within its limits, or rejected with a code, in each of ${CASES.toLocaleString('en')} cases`,
  { timeout: (SECONDS + 10) * 1000 * CASES },
  async () => {
    const sound = PDF.filter(({ expected }) => 'shows' in expected);
    const made = await Promise.all(sound.map(async ({ make }) => make()));
    const bases = [...made.map((bytes) => Buffer.from(bytes)), rich(false), rich(true)];
    const codes = new Map<string, number>();
    for (let seed = FUZZ_SEED; seed < FUZZ_SEED + CASES; seed += 1) {
      const bytes = damaged(bases[seed % bases.length] ?? Buffer.alloc(0), seededRandom(seed), bases);
      const code = await outcomeOf(bytes, seed);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    // Damage that never matters, or always, would test little.
    expect(codes.get('drawn')).toBeGreaterThan(CASES / 4);
    expect(codes.get('image.corrupt')).toBeGreaterThan(CASES / 50);
  },
);

async function outcomeOf(bytes: Buffer, seed: number): Promise<string> {
  try {
    const { pixels } = await drawPage(bytes, { ...LIMITS, deadline: deadlineIn(SECONDS) }, WANTED);
    const { data, width, height } = pixels;
    expect(data.byteLength, `case ${seed}`).toBe(width * height * 3);
    expect(Math.max(width, height), `case ${seed}`).toBeLessThanOrEqual(200);
    return 'drawn';
  } catch (error) {
    if (error instanceof Rejected) return error.code;
    throw new Error(`case ${seed} is not rejected with a code`, { cause: error });
  }
}
