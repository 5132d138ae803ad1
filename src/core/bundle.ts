/**
 * How a Lambda function's sources become the one file that is deployed: options of esbuild, for the deployment and
 * for the tests alike.
 */
export const BUNDLE = {
  minify: true,
  target: 'node20',
  format: 'cjs',
  // The ES modules of the SDK can be shaken, its CommonJS cannot.
  mainFields: ['module', 'main'],
} as const;

/** The file of the pages beside the API's bundle. */
export const PAGES_FILE = 'pages.json';

/** Stays outside the worker's bundle, because its binary is of the target's platform. */
export const WORKER_BINARY = 'sharp';
