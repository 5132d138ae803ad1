import { expect, it } from 'vitest';
import { imageFormats } from '../../../src/core/image-formats.ts';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { convertImage } from '../../support/convert-image.ts';
import { FORMAT_CASES } from '../../support/formats/cases.ts';
import { formatsDocument } from './formats-document.ts';

it.each(FORMAT_CASES)('$format, $feature: what docs/formats.md says', async ({ make, expected }) => {
  const format = 'to' in expected ? expected.to : 'png';
  const recipe = parseRecipe(JSON.stringify({ renditions: [{ name: 'result', format }] }));
  const converting = convertImage(await make(), recipe, 'stamp');
  if ('refused' in expected) {
    await expect(converting).rejects.toMatchObject({
      code: expected.refused,
      message: expect.stringMatching(expected.because),
    });
  } else {
    const [result] = await converting;
    if (result === undefined) throw new Error('expected a result');
    await expected.shows(result);
  }
});

/** Camera RAW, of which only previews are converted, and cursors, which are icons. */
const UNNAMED = new Set(['CR2', 'NEF', 'ARW', 'DNG', 'CUR']);

it('pages and errors name the formats that are converted', () => {
  const converted = FORMAT_CASES.filter(({ expected }) => 'shows' in expected).map(({ format }) => format);
  const named = imageFormats('and').split(/, | and /);
  expect(named.toSorted()).toEqual([...new Set(converted)].filter((each) => !UNNAMED.has(each)).toSorted());
});

it('docs/formats.md lists these cases', async () => {
  await expect(formatsDocument(FORMAT_CASES)).toMatchFileSnapshot('../../../docs/formats.md');
});
