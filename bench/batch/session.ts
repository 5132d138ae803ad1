import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQSRecord } from 'aws-lambda';
import { ENV } from '../../src/core/env.ts';
import { parseRecipe } from '../../src/core/recipe.ts';
import { BUCKETS } from '../../src/local/resources.ts';
import { workerEnvironment } from '../../src/local/worker-environment.ts';
import { startBatchAws } from './aws.ts';
import { buildSides, type Side } from './build-sides.ts';
import { checkMade, checkStored } from './check.ts';
import { startChild, type Child } from './child.ts';
import { recipeOf, type Format } from './recipe.ts';

/** A batch's cost in the handler's process, and the handler's answer. */
export interface BatchCost {
  seconds: number;
  cpuSeconds: number;
  /** The process's peak memory so far. */
  peakBytes: number;
  answer: unknown;
}

/** An invocation's cost, and its requests. */
export interface Invoked extends BatchCost {
  /** Counts by method or action. */
  requests: Record<string, number>;
  /** Bytes of the objects that it fetched. */
  bytesRead: number;
}

export interface SessionOptions {
  photos: readonly Buffer[];
  format: Format;
  /** Number of cores for the handlers; the machine's other cores serve their requests. */
  cores: number;
  /** Path of ImageMagick, for the sides that spawn it. */
  imageMagick?: string;
}

/** Handlers in separate processes that share a local AWS. */
export interface Session {
  /** Invokes a handler with a new batch, and checks the results. */
  invoke(side: Side): Promise<Invoked>;
  /** Invokes a handler with messages. The measured time excludes the local AWS's. */
  invokeWith(side: Side, records: readonly SQSRecord[]): Promise<Invoked>;
  /** Uploads the photos under new keys, and returns their messages. */
  upload(): Promise<SQSRecord[]>;
}

/** Runs a function with handlers that are started on first use. */
export async function withSession<T>(
  { photos, format, cores, imageMagick = '' }: SessionOptions,
  run: (session: Session) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const bundles = await buildSides();
  const files = photos.map((_, index) => `${index}.jpg`);
  const recipe = recipeOf(format);
  const all = availableParallelism();
  const shared = cores >= all;
  const aws = await startBatchAws(recipe, undefined, shared ? undefined : range(cores, all - 1));
  const children = new Map<Side, Promise<Child<string>>>();
  let batches = 0;

  const env = (side: Side): Record<string, string> =>
    side === 'worker' || side === 'profiled'
      ? {
          ...workerEnvironment(aws.url, aws.resources, parseRecipe(recipe)),
          // As cdk/worker.ts sets them.
          [ENV.conversions]: String(cores),
          MALLOC_ARENA_MAX: '2',
        }
      : {
          AWS_ENDPOINT_URL: aws.url,
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'local',
          AWS_SECRET_ACCESS_KEY: 'local',
          BENCH_FORMAT: format,
          BENCH_IMAGE_MAGICK: imageMagick,
          BENCH_CORES: String(cores),
          BENCH_RESULTS: BUCKETS.results,
          BENCH_PHOTOS: files.map((file) => join(folder, file)).join(':'),
          // The lower bounds have the worker's advantages; the samples run with Node's defaults.
          ...(side === 'cascade' || side === 'requests' ? { MALLOC_ARENA_MAX: '2' } : {}),
        };
  const childOf = (side: Side) => {
    const child =
      children.get(side) ??
      startChild<string>({
        module: join(bundles, 'side-process.cjs'),
        args: [join(bundles, `${side}.cjs`)],
        env: env(side),
        processors: shared ? undefined : range(0, cores - 1),
      });
    children.set(side, child);
    return child;
  };

  const session: Session = {
    upload() {
      batches += 1;
      return aws.upload(folder, files, `${batches}/`);
    },
    async invokeWith(side, records) {
      const child = await childOf(side);
      const before = await aws.traffic();
      const cost = await child.ask<BatchCost>({ Records: [...records] });
      const after = await aws.traffic();
      // If both share the cores, the handler waited while the local AWS ran.
      const waited = shared ? (after.cpuSeconds - before.cpuSeconds) / all : 0;
      return {
        ...cost,
        seconds: cost.seconds - waited,
        requests: Object.fromEntries(
          Object.entries(after.requests)
            .map(([name, count]) => [name, count - (before.requests[name] ?? 0)] as const)
            .filter(([, count]) => count > 0),
        ),
        bytesRead: after.bytesRead - before.bytesRead,
      };
    },
    async invoke(side) {
      if (side === 'cascade') {
        const cost = await session.invokeWith(side, []);
        await checkMade(photos, format, cost.answer);
        return cost;
      }
      const cost = await session.invokeWith(side, await session.upload());
      await checkStored({ photos, format, awsUrl: aws.url, prefix: `${batches}/`, answer: cost.answer });
      return cost;
    },
  };
  try {
    await Promise.all(photos.map((photo, index) => writeFile(join(folder, `${index}.jpg`), photo)));
    return await run(session);
  } finally {
    await Promise.all([...children.values()].map(async (child) => (await child).stop()));
    await aws.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(bundles, { recursive: true, force: true });
  }
}

function range(from: number, to: number): string {
  return `${from}-${to}`;
}
