const simulation = process.env.MUTATION_SIMULATION === 'true';

/**
 * Whether to also mutate code that runs once, when a module is loaded. The project's modules are then reloaded for
 * each mutant, and all tests of the slice run against each such mutant, which would take most of the time.
 */
export const STATIC = process.env.MUTATION_STATIC === 'true';

/**
 * The slices of mutation testing: the code to mutate, and the tests that run against each mutant. Only tests in this
 * process count, because a process that a test starts runs unmutated code.
 *
 * @type {Record<string, import('./slices.js').Slice>}
 */
export const SLICES = {
  core: {
    mutate: ['src/core/**/*.ts', '!src/core/sdk-client.ts'],
    tests: ['test/core/*.test.ts'],
    without: [
      // These read documents and load the command.
      'test/core/codes.test.ts',
      'test/core/decisions.test.ts',
      'test/core/deploy-document.test.ts',
      'test/core/sdk-client.test.ts',
    ],
  },
  /** Separate, because its tests wait for servers that do not answer. */
  'sdk-client': {
    mutate: ['src/core/sdk-client.ts'],
    tests: ['test/core/sdk-client.test.ts'],
  },
  worker: {
    mutate: ['src/worker/*.ts'],
    tests: ['test/worker/*.test.ts', ...(simulation ? ['test/mutation/simulated-worker.test.ts'] : [])],
    // These start a local AWS, convert images, or queue a hundred of them: half a minute for each mutant.
    without: [
      'test/worker/contract.test.ts',
      'test/worker/generations.test.ts',
      'test/worker/ignored.test.ts',
      'test/worker/lanes.test.ts',
      'test/worker/slow-images.test.ts',
    ],
  },
  conversion: {
    mutate: ['src/worker/conversion/**/*.ts'],
    tests: ['test/worker/conversion/*.test.ts'],
    // The worker loads these only when it needs them. If the first test that needs one loaded it, the mutants of its
    // tables would count as covered by that test, although they are never evaluated again.
    setup: [
      'apng/as-webp',
      'avif-still',
      'camera-raw/preview-size',
      'color/avif',
      'color/cmyk',
      'color/kept-profile',
      'color/png',
      'decode-other',
      'decoder-reason',
      'gif/without-background',
      'keep/kept-source',
      'lower-quality',
      'many-colors',
      'metadata/kept',
      'placeholder',
      'repair/jpeg',
      'tiff/plan',
      'watermark',
    ].map((name) => `src/worker/conversion/image/${name}.ts`),
  },
  ops: {
    mutate: ['src/ops/**/*.ts', 'src/cli/orphans/remove-orphans.ts', 'src/cli/drill/run-drill.ts'],
    tests: [
      'test/ops/**/*.test.ts',
      'test/cli/{orphans,drill}/*.test.ts',
      'test/{guard,reconcile,redrive}/*.test.ts',
    ],
  },
  /** The functions other than the worker and the API. */
  functions: {
    mutate: ['src/{guard,redrive,reconcile,generation}/*.ts'],
    tests: ['test/{guard,redrive,reconcile,generation}/*.test.ts'],
  },
  client: {
    mutate: ['src/client/*.ts', 'src/contract/*.ts'],
    tests: ['test/client/*.test.ts', 'test/contract/*.test.ts'],
  },
  api: {
    mutate: ['src/api/*.ts', 'src/api/routes/**/*.ts'],
    tests: ['test/api/*.test.ts'],
  },
  /** The command, except for what `ops` has. Its other tests start processes, or a pipeline for each test. */
  cli: {
    mutate: ['src/cli/**/*.ts', '!src/cli/orphans/remove-orphans.ts', '!src/cli/drill/run-drill.ts'],
    tests: [
      'test/cli/{arguments,backfill,configuration,dead-letter-filter,dlq,drill,file-failure,find-deployment,format}.test.ts',
      'test/cli/{hints,interrupt,nearest-codes,orphans,output,printable,program,redrive,report-error,status,ui,upload}.test.ts',
      'test/cli/{api,convert,dlq,estimate,redrive,upload,orphans}/*.test.ts',
      'test/cli/drill/alarm.test.ts',
    ],
    without: ['test/cli/convert/run-mark.test.ts'],
    // The command loads these only when it needs them. See `conversion`.
    setup: [
      'backfill',
      'convert/convert',
      'dlq/dlq',
      'drill/drill',
      'estimate/estimate',
      'redrive/redrive',
      'start',
      'status/status',
      'ui',
      'upload/upload',
    ].map((name) => `src/cli/${name}.ts`),
  },
  s3: {
    mutate: ['packages/local-aws/src/s3/**/*.ts', 'packages/local-aws/src/journal.ts'],
    tests: ['packages/local-aws/test/s3/*.test.ts', 'test/local/expiration.test.ts'],
    // These store 1 GiB, or overwrite and read an object two hundred times.
    without: ['packages/local-aws/test/s3/{memory,overwritten}.test.ts'],
    build: false,
  },
  sqs: {
    mutate: ['packages/local-aws/src/sqs/**/*.ts'],
    tests: ['packages/local-aws/test/sqs/*.test.ts'],
    build: false,
  },
  local: {
    mutate: [
      'src/local/*.ts',
      'packages/local-aws/src/*.ts',
      'packages/local-aws/src/{lambda,data-folder}/*.ts',
      '!packages/local-aws/src/journal.ts',
      // A thread gets one of its functions as text, without the mutants' helpers.
      '!packages/local-aws/src/data-folder/file-sizes.ts',
    ],
    tests: ['test/local/*.test.ts', 'packages/local-aws/test/{*,lambda/*,data-folder/*}.test.ts'],
  },
  cdk: {
    mutate: ['cdk/*.ts'],
    // Each as a test file of its own: deployment.test.ts only imports them, and modules stay loaded.
    tests: ['test/cdk/deployment/*.ts'],
    // These start a process for each pipeline.
    without: ['test/cdk/deployment/{configuration,image}.ts'],
  },
};

/** @type {typeof import('./slices.js').sliceOf} */
export function sliceOf(name) {
  const slice = SLICES[name];
  if (slice === undefined)
    throw new Error(`expected a slice (${Object.keys(SLICES).join(', ')}), got ${JSON.stringify(name)}`);
  return slice;
}

/** @type {typeof import('./slices.js').globsIn} */
export function globsIn(list) {
  return list.split(/,(?![^{]*\})/);
}
