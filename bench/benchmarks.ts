import type { Benchmark } from './frame/benchmark.ts';
import { benchmark as drain } from './drain.ts';
import { benchmark as handler } from './handler.ts';
import { benchmark as memory } from './memory.ts';
import { benchmark as samples } from './samples.ts';

/** All benchmarks, in the order of their numbers. */
export const BENCHMARKS: readonly Benchmark[] = [handler, samples, memory, drain];
