import type { Profiler } from 'node:inspector';

/** Whose code a frame is, in the order of the table. */
export const PHASES = ['sdk', 'node', 'powertools', 'millrace', 'other', 'gc'] as const;
export type Phase = (typeof PHASES)[number];

/** Frames whose callee and caller are from the same source are one frame. */
export interface Frame {
  /** A package, a file of Millrace, `node:http`, or `garbage collection`. */
  source: string;
  phase: Phase;
  /** Microseconds in this frame and those that it calls. */
  total: number;
  /** Microseconds in this frame itself. */
  self: number;
  calls: Map<string, Frame>;
}

const IDLE = new Set(['(idle)', '(root)']);
const PROFILER = 'node:inspector';

/** What the samples of a thread show. */
export interface Merged {
  root: Frame;
  /** Microseconds that the profiler itself took; not part of the tree. */
  profiler: number;
}

/**
 * Merges profiles of a bundle into one tree, by source. Leaves out the time in which the thread waited.
 * @param code the bundle, whose comments name the modules
 */
export function mergeProfiles(profiles: readonly Profiler.Profile[], code: string): Merged {
  let profiler = 0;
  const root: Frame = { source: 'main thread', phase: 'other', total: 0, self: 0, calls: new Map() };
  const moduleAt = modulesIn(code);
  for (const { nodes, samples = [], timeDeltas = [] } of profiles) {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
    const frames = new Map<number, Frame[]>();
    /** The frames from the root to a node. */
    const stackOf = (id: number): Frame[] => {
      const known = frames.get(id);
      if (known !== undefined) return known;
      const node = byId.get(id);
      const parent = parents.get(id);
      const above = parent === undefined ? [root] : stackOf(parent);
      const caller = above.at(-1) ?? root;
      const source = node === undefined ? undefined : sourceOf(node.callFrame, moduleAt);
      let stack = above;
      if (source !== undefined && source !== caller.source) {
        let frame = caller.calls.get(source);
        if (frame === undefined) {
          frame = { source, phase: phaseOf(source), total: 0, self: 0, calls: new Map() };
          caller.calls.set(source, frame);
        }
        stack = [...above, frame];
      }
      frames.set(id, stack);
      return stack;
    };
    for (const [index, id] of samples.entries()) {
      if (IDLE.has(byId.get(id)?.callFrame.functionName ?? '')) continue;
      const microseconds = Math.max(0, timeDeltas[index] ?? 0);
      const stack = stackOf(id);
      if (stack.some(({ source }) => source === PROFILER)) {
        profiler += microseconds;
        continue;
      }
      for (const frame of stack) frame.total += microseconds;
      const last = stack.at(-1);
      if (last !== undefined) last.self += microseconds;
    }
  }
  return { root, profiler };
}

/** Adds up the time in each phase's own code. */
export function timeByPhase({ phase, self, calls }: Frame): Map<Phase, number> {
  const times = new Map<Phase, number>([[phase, self]]);
  for (const frame of calls.values())
    for (const [each, time] of timeByPhase(frame)) times.set(each, (times.get(each) ?? 0) + time);
  return times;
}

/** Returns a function that finds the module of a line by esbuild's comments: `// src/worker/lambda.ts`. */
function modulesIn(code: string): (line: number) => string {
  let current = '';
  const modules = code.split('\n').map((line) => {
    current = /^\/\/ ((?:src|node_modules|packages)\/\S+)$/.exec(line)?.[1] ?? current;
    return current;
  });
  return (line) => modules[line] ?? '';
}

/** Returns undefined for what has no source: native code, which counts for its caller. */
function sourceOf(
  { functionName, url, lineNumber }: Profiler.ProfileNode['callFrame'],
  moduleAt: (line: number) => string,
): string | undefined {
  if (functionName === '(garbage collector)') return 'garbage collection';
  // Native code that no JavaScript called: the event loop.
  if (functionName === '(program)') return 'node:native';
  // Some begin with an underscore: `node:_http_client`.
  if (url.startsWith('node:')) return url.replace(/^node:(?:internal\/)?_?/, 'node:').split(/[/_]/)[0];
  if (url === '') return undefined;
  const module = moduleAt(lineNumber);
  const inPackage = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1];
  return inPackage ?? (module === '' ? undefined : module.replace(/^src\//, ''));
}

function phaseOf(source: string): Phase {
  if (source === 'garbage collection') return 'gc';
  if (source.startsWith('node:')) return 'node';
  if (/^@(aws-sdk|smithy|aws-crypto|aws)\//.test(source)) return 'sdk';
  if (source.startsWith('@aws-lambda-powertools/')) return 'powertools';
  return source.endsWith('.ts') ? 'millrace' : 'other';
}
