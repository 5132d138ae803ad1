import type { Profiler } from 'node:inspector';
import { expect, test } from 'vitest';
import { mergeProfiles, timeByPhase } from '../../bench/phases/frames.ts';

const CODE = ['// src/worker/handler.ts', 'x', '// node_modules/@smithy/core/index.js', 'x', ''].join('\n');
const BUNDLE = '/bundle.cjs';
const frame = (functionName: string, url = '', lineNumber = 0) => ({
  functionName,
  url,
  lineNumber,
  scriptId: '',
  columnNumber: 0,
});

/** Each node with the microseconds of its samples. */
const NODES: [Profiler.ProfileNode, number][] = [
  [{ id: 1, callFrame: frame('(root)'), children: [2, 3, 4, 5, 8, 10] }, 1000],
  [{ id: 2, callFrame: frame('(idle)') }, 1000],
  [{ id: 3, callFrame: frame('(garbage collector)') }, 1],
  [{ id: 4, callFrame: frame('post', 'node:inspector') }, 2],
  [{ id: 5, callFrame: frame('handler', BUNDLE, 1), children: [6] }, 4],
  [{ id: 6, callFrame: frame('send', BUNDLE, 3), children: [7] }, 8],
  [{ id: 7, callFrame: frame('native') }, 16],
  [{ id: 8, callFrame: frame('onData', 'node:_http_client'), children: [9] }, 32],
  [{ id: 9, callFrame: frame('get', 'node:http') }, 64],
  [{ id: 10, callFrame: frame('(program)') }, 128],
];
const PROFILE: Profiler.Profile = {
  nodes: NODES.map(([node]) => node),
  startTime: 0,
  endTime: 0,
  samples: NODES.map(([{ id }]) => id),
  timeDeltas: NODES.map(([, microseconds]) => microseconds),
};

test('a profile is merged by the source of its frames, without waiting and the profiler', () => {
  const { root, profiler } = mergeProfiles([PROFILE, PROFILE], CODE);
  expect(profiler).toBe(2 * 2);
  expect(root.total).toBe(2 * (1 + 4 + 8 + 16 + 32 + 64 + 128));
  const sources = [...root.calls.values()].filter(({ total }) => total > 0).map(({ source }) => source);
  expect(sources).toEqual(['garbage collection', 'worker/handler.ts', 'node:http', 'node:native']);
  const times = timeByPhase(root);
  expect(Object.fromEntries(times)).toEqual({
    other: 0,
    gc: 2 * 1,
    millrace: 2 * 4,
    // Native code counts for its caller.
    sdk: 2 * (8 + 16),
    node: 2 * (32 + 64 + 128),
  });
});
