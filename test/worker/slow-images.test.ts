import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { withVirtualTime } from '../simulation/clock.ts';
import { createLanes, type Content } from '../simulation/lanes.ts';

beforeAll(() => {
  process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
});
afterAll(() => {
  delete process.env['POWERTOOLS_METRICS_DISABLED'];
});

const { limits } = DEFAULT_RECIPE;
const ONE_LANE = { conversion: 1, retry: 1 };
const DEPLOYED = { conversion: 50, retry: 10 };

/** Uploads all images at once, and runs the lanes until nothing is left. */
function converted(
  contents: readonly Content[],
  { slots = 1, concurrency = ONE_LANE }: { slots?: number; concurrency?: typeof ONE_LANE } = {},
) {
  return withVirtualTime(async () => {
    const lanes = createLanes({ limits, slots, concurrency });
    for (const [index, content] of contents.entries()) lanes.upload(`${index}`, content);
    await lanes.rest();
    const { world, observed } = lanes;
    const results = indexes(contents.length).filter((index) => world.current(world.results, `${index}`));
    const dead = [...world.dead.all()].flatMap(({ body }) =>
      world.messageContents.of(body).map(({ key }) => key),
    );
    return { ...observed, results, dead };
  });
}
const images = (count: number, content: Content) => Array.from({ length: count }, () => content);
const indexes = (count: number) => Array.from({ length: count }, (_, index) => index);

it('messages that a batch has no time for are requeued, and finished ones stay finished', async () => {
  const { invocations, ...after } = await converted(images(10, 14));
  // The seventh starts at 84 seconds; after it, less time is left than an image may take.
  expect(invocations).toEqual([
    { messages: 10, failed: 0, seconds: 98 },
    { messages: 3, failed: 0, seconds: 42 },
  ]);
  expect(after).toMatchObject({ results: indexes(10), timeouts: 0, mostInRetry: 0, dead: [] });
  expect([...after.conversions.values()]).toEqual(images(10, 1));
});

it.each([
  [28, [28, 56, 84, 112]],
  // At 87 seconds, 33 are left: enough for 30, but not to store and settle the result.
  [29, [29, 58, 87]],
])(
  'with four images of %i seconds each, a batch starts only those that can be settled in time',
  async (each, ends) => {
    const { invocations } = await converted(images(4, each));
    expect(invocations[0]).toEqual({ messages: 4, failed: 0, seconds: ends.at(-1) });
    expect(invocations).toHaveLength(ends.length === 4 ? 1 : 2);
  },
);

it.each([1, 2])(
  'images that use their full time limit do not time out a batch with %i slots',
  async (slots) => {
    const after = await converted(images(20, limits.seconds), { slots });
    expect(after).toMatchObject({ results: indexes(20), timeouts: 0, mostInRetry: 0, dead: [] });
    expect([...after.conversions.values()]).toEqual(images(20, 1));
  },
);

it('a batch responds before its timeout even if a write hangs; only that message is delivered again', async () => {
  const { invocations, ...after } = await converted(['stalls', ...images(9, 1)], { slots: 2 });
  expect(invocations[0]).toMatchObject({ messages: 10, failed: 1 });
  expect(invocations[0]?.seconds).toBeLessThan(120);
  expect(after).toMatchObject({ results: indexes(10).slice(1), timeouts: 0, dead: ['0'] });
  expect([...after.conversions.values()].slice(1)).toEqual(images(9, 1));
});

it('a hanging conversion ends at its time limit, and the messages behind it are converted', async () => {
  const { invocations, ...after } = await converted(['hangs', ...images(9, 1)]);
  expect(invocations[0]).toMatchObject({ messages: 10, failed: 0 });
  expect(after).toMatchObject({ results: indexes(10).slice(1), timeouts: 0, dead: ['0'] });
  expect([...after.conversions.values()]).toEqual(images(9, 1));
});

it('with more slow images than the lanes can handle, the retry queue stays short and all are converted', async () => {
  const after = await converted(images(1000, limits.seconds - 1), { concurrency: DEPLOYED });
  expect(after).toMatchObject({ results: indexes(1000), timeouts: 0, dead: [] });
  expect(after.mostInRetry).toBeLessThanOrEqual(DEPLOYED.retry);
  expect([...after.conversions.values()]).toEqual(images(1000, 1));
}, 120_000);

it('poison among them affects at most one batch of other objects', async () => {
  const poison = [7, 133, 260, 388];
  const contents = images(400, limits.seconds - 1).map((content, index) =>
    poison.includes(index) ? 'poison' : content,
  );
  const after = await converted(contents, { concurrency: DEPLOYED });
  expect(after.dead.map(Number).toSorted((a, b) => a - b)).toEqual(poison);
  expect(after.results).toEqual(indexes(400).filter((index) => !poison.includes(index)));
  expect(after.killed.filter((strangers) => strangers > 0).length).toBeLessThanOrEqual(poison.length);
}, 120_000);
