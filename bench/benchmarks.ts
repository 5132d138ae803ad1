import { benchmark as apiColdImport } from './api-cold-import.ts';
import { benchmark as cascade } from './cascade.ts';
import { benchmark as coldImport } from './cold-import.ts';
import { benchmark as convert } from './convert.ts';
import { benchmark as csvToParquet } from './csv-to-parquet.ts';
import { benchmark as drain } from './drain.ts';
import { benchmark as duplicate } from './duplicate.ts';
import { benchmark as encoders } from './encoders.ts';
import type { Benchmark } from './frame/benchmark.ts';
import { benchmark as fsync } from './fsync.ts';
import { benchmark as growth } from './growth.ts';
import { benchmark as handler } from './handler.ts';
import { benchmark as imageMagick } from './image-magick.ts';
import { benchmark as latency } from './latency.ts';
import { benchmark as memory } from './memory.ts';
import { benchmark as phases } from './phases.ts';
import { benchmark as redrive } from './redrive.ts';
import { benchmark as samples } from './samples.ts';
import { benchmark as sdkFloor } from './sdk-floor.ts';
import { benchmark as startUp } from './start-up.ts';
import { benchmark as status } from './status.ts';
import { benchmark as store } from './store.ts';
import { benchmark as upload } from './upload.ts';
import { benchmark as uploadPage } from './upload-page.ts';
import { benchmark as workerSettings } from './worker-settings.ts';

/** All benchmarks, ordered by number. */
export const BENCHMARKS: readonly Benchmark[] = [
  handler,
  samples,
  imageMagick,
  memory,
  cascade,
  duplicate,
  coldImport,
  upload,
  redrive,
  status,
  convert,
  growth,
  drain,
  apiColdImport,
  startUp,
  latency,
  store,
  fsync,
  workerSettings,
  csvToParquet,
  uploadPage,
  encoders,
  sdkFloor,
  phases,
];
