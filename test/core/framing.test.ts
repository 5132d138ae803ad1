import { describe, expect, it } from 'vitest';
import { framingFields } from '../../src/core/framing.ts';
import { geometryOf, offsetOf } from '../../src/core/geometry.ts';
import { POSITIONS } from '../../src/core/positions.ts';
import { parseDeployedRecipe, parseRecipe, recipeId } from '../../src/core/recipe.ts';
import { renditionMistakes } from '../support/rendered.ts';

const parsed = (rendition: object) =>
  parseRecipe(JSON.stringify({ renditions: [{ name: 'web', ...rendition }] }));
const idOf = (rendition: object) => recipeId(parsed(rendition));

function only(rendition: object) {
  const [one] = parsed(rendition).renditions;
  if (one === undefined) throw new Error('expected a rendition');
  return one;
}

const GIVEN = [
  { fit: 'cover', position: 'top' },
  { fit: 'cover', position: 'attention' },
  { fit: 'cover', position: { x: 0.2, y: 1 } },
  { fit: 'contain', width: 10, height: 10, position: 'right bottom' },
  { background: '#abcdef' },
  { rotate: 90, format: 'jpeg' },
  { trim: 10, animated: false },
  { sharpen: 0.5 },
  { animated: false },
];

describe('an option of what a rendition shows', () => {
  it.each(GIVEN)('gives the recipe another id, which its canonical form keeps: %j', (options) => {
    const { renditions } = parsed(options);
    expect(renditions[0]).toMatchObject(options);
    expect(parseDeployedRecipe(JSON.stringify({ renditions })).renditions).toEqual(renditions);
    for (const name of Object.keys(options).filter((each) => each in framingFields)) {
      const { [name as keyof typeof options]: _, ...rest } = options;
      if (renditionMistakes(rest) === '') expect(idOf(rest)).not.toBe(idOf(options));
    }
  });

  it('leaves the id as it was if it states the default', () => {
    expect(idOf({ fit: 'cover', position: 'center' })).toBe(idOf({ fit: 'cover' }));
    expect(idOf({ animated: true })).toBe(idOf({}));
    expect(idOf({ background: '#ABCDEF' })).toBe(idOf({ background: '#abcdef' }));
  });

  it.each([
    [{ position: 'top' }, 'position: is for the fits cover and contain, and the fit is inside'],
    [{ fit: 'cover', position: 'middle' }, 'position: expected center, top, right top'],
    [{ fit: 'cover', position: { x: 2, y: 0 } }, 'position.x: '],
    [{ fit: 'cover', position: { x: 0.5 } }, 'position: expected center'],
    [{ fit: 'contain', width: 9, height: 9, position: 'entropy' }, 'position: the whole image is shown'],
    [{ fit: 'contain', width: 9, height: 9, position: { x: 0, y: 0 } }, 'position: the whole image is shown'],
    [{ fit: 'contain', width: 9 }, 'fit: contain needs both a width and a height'],
    [{ fit: 'contain', height: 9 }, 'fit: contain needs both a width and a height'],
    [{ background: 'red' }, 'background: expected a color such as #ffffff'],
    [{ background: '#ff' }, 'background: expected a color such as #ffffff'],
    [{ format: 'jpeg', rotate: 45 }, 'rotate: '],
    [{ rotate: 90 }, 'rotate: is not for animations: add "animated": false'],
    [{ format: 'source', trim: 10 }, 'trim: is not for animations: add "animated": false'],
    [{ format: 'jpeg', trim: 256 }, 'trim: '],
    [{ format: 'jpeg', trim: -1 }, 'trim: '],
    [{ sharpen: 0.2 }, 'sharpen: '],
    [{ sharpen: 11 }, 'sharpen: '],
    [{ format: 'png', animated: false }, 'animated: is for webp and source, and png is never animated'],
  ])('is refused with its path where it makes no sense: %j', (rendition, message) => {
    expect(renditionMistakes(rendition)).toContain(`renditions[0].${message}`);
  });

  it('is in this test', () => {
    const named = new Set(GIVEN.flatMap((each) => Object.keys(each)));
    expect(Object.keys(framingFields).filter((name) => !named.has(name))).toEqual([]);
  });
});

describe('a crop', () => {
  const source = { width: 400, height: 200 };
  const geometry = geometryOf(source, only({ fit: 'cover', width: 100, height: 100 }));

  it('is taken from a side, a corner or the middle', () => {
    expect(geometry).toEqual({ scaled: { width: 200, height: 100 }, size: { width: 100, height: 100 } });
    for (const [position, [x]] of Object.entries(POSITIONS))
      expect(offsetOf(geometry, position as keyof typeof POSITIONS), position).toEqual({
        left: x * 100,
        top: 0,
      });
  });

  it('has the point that matters in its middle, or as near to it as the image reaches', () => {
    const left = (x: number) => offsetOf(geometry, { x, y: 0.9 }).left;
    expect([0, 0.1, 0.25, 0.3, 0.5, 0.75, 1].map(left)).toEqual([0, 0, 0, 10, 50, 100, 100]);
  });
});

describe('an image that is contained', () => {
  const contained = (source: { width: number; height: number }, more: object = {}) =>
    geometryOf(source, only({ fit: 'contain', width: 101, height: 50, ...more }));

  it('has exactly the size of its box, and is enlarged only if it may be', () => {
    const size = { width: 101, height: 50 };
    expect(contained({ width: 200, height: 200 })).toEqual({ scaled: { width: 50, height: 50 }, size });
    expect(contained({ width: 20, height: 20 })).toEqual({ scaled: { width: 20, height: 20 }, size });
    expect(contained({ width: 20, height: 20 }, { enlarge: true }).scaled).toEqual({ width: 50, height: 50 });
  });

  it('is in the middle, or at a side', () => {
    const geometry = contained({ width: 200, height: 200 });
    expect(offsetOf(geometry)).toMatchObject({ left: -26 });
    expect(offsetOf(geometry, 'right')).toMatchObject({ left: -51 });
    expect(Math.abs(offsetOf(geometry, 'left top').left)).toBe(0);
  });
});

it('a rendition that is turned by a right angle has the proportions of what is turned', () => {
  const source = { width: 400, height: 200 };
  const size = (rotate: number) => geometryOf(source, only({ format: 'png', width: 100, rotate })).size;
  expect([size(90), size(180), size(270)]).toEqual([
    { width: 100, height: 200 },
    { width: 100, height: 50 },
    { width: 100, height: 200 },
  ]);
});
