import { fileURLToPath } from 'node:url';

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
  // Lambda gives credentials in the environment. Code that seeks them elsewhere would only be parsed at each start.
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
  /** Folder of `node_modules` that the binary is in. */
  scope: string;
  bundle: { alias: Record<string, string>; define: Record<string, string> };
}

/**
 * Only the binary stays outside the worker's bundle: sharp's JavaScript would be 70 files to open at each start. It
 * looks for its binary from where the bundle is.
 */
export const SHARP: Binary = {
  package: 'sharp',
  scope: '@img',
  bundle: {
    alias: { sharp: fileURLToPath(import.meta.resolve('sharp')) },
    define: { 'import.meta.url': '__filename' },
  },
};
