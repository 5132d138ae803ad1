import { createRequire } from 'node:module';
import { join } from 'node:path';

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
  // Lambda gives credentials in the environment, but for SnapStart and images. Code that seeks them elsewhere would
  // only be parsed at each start.
  external: [
    '@aws-sdk/credential-provider-http',
    '@aws-sdk/credential-provider-ini',
    '@aws-sdk/credential-provider-process',
    '@aws-sdk/credential-provider-sso',
    '@aws-sdk/credential-provider-web-identity',
    '@smithy/credential-provider-imds',
  ],
} as const;

/** A package with a binary of the target's platform, and more options of esbuild for the bundle that uses it. */
export interface Binary {
  package: string;
  /** Where its JavaScript is bundled from. */
  root: string;
  /** Packages in the folder `scope` of `node_modules` that hold the binary, and all that stays of `node_modules`. */
  scope: string;
  binaries(architecture: string): string[];
  bundle: { alias: Record<string, string>; define: Record<string, string> };
}

// `import.meta.resolve` is not there for apps of CommonJS.
const sharp = join(createRequire(import.meta.url).resolve('sharp'), '../..');

/**
 * Only the binary stays outside the worker's bundle: sharp's JavaScript would be 70 files to open at each start. It
 * looks for its binary from where the bundle is.
 */
export const SHARP: Binary = {
  package: 'sharp',
  root: sharp,
  scope: '@img',
  binaries: (architecture) => [`sharp-linux-${architecture}`, `sharp-libvips-linux-${architecture}`],
  bundle: {
    alias: { sharp: join(sharp, 'dist/index.mjs') },
    define: { 'import.meta.url': '__filename' },
  },
};
