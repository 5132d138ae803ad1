import { benchmark as drain } from './drain.ts';
import { benchmark as duplicate } from './duplicate.ts';
import type { Benchmark } from './frame/benchmark.ts';
import { benchmark as growth } from './growth.ts';
import { benchmark as handler } from './handler.ts';
import { benchmark as imageMagick } from './image-magick.ts';
import { benchmark as latency } from './latency.ts';
import { benchmark as memory } from './memory.ts';
import { benchmark as samples } from './samples.ts';
import { benchmark as status } from './status.ts';
import { benchmark as store } from './store.ts';
import { benchmark as upload } from './upload.ts';

/** All benchmarks, in the order of their numbers. */
export const BENCHMARKS: readonly Benchmark[] = [
  handler,
  samples,
  imageMagick,
  memory,
  duplicate,
  upload,
  status,
  growth,
  drain,
  latency,
  store,
];
