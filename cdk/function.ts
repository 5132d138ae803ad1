import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  RecursiveLoop,
  Runtime,
  Tracing,
  type Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeTracing } from './acknowledgements.ts';
import { BUNDLE, type Binary } from './bundle.ts';

interface FunctionOptions {
  description: string;
  /** Path of the entry in the checkout. */
  entry: string;
  architecture: 'arm64' | 'x64';
  memory: number;
  timeoutSeconds: number;
  logDays: number;
  environment: Record<string, string>;
  /** Commands that make other files of the asset, from the checkout. */
  otherFiles?: (outputFolder: string) => string[];
  /** It is invoked asynchronously, also by itself. Its record or an alarm reports a failed run; nothing repeats it. */
  goesOnByItself?: true;
  /** It sends messages to a queue that invokes it, and limits the rounds itself. */
  isRecursive?: true;
  /** npm fetches it for the target's platform. */
  binary?: Binary;
  /** Whether the bundle is made as small as it gets, which takes seconds of each synthesis. */
  smallest?: true;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What a function's environment may hold. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ENVIRONMENT_BYTES = 4096;
/** Of a token, until it is known: a queue's URL. */
const PLACEHOLDER_BYTES = 120;

/**
 * A function with the log group, role and bundle that all of them have. The role may write to its own log group and
 * nothing else; callers add what the function needs.
 * @throws Error when the environment is certainly too large for Lambda
 */
export function createFunction(scope: Construct, id: string, options: FunctionOptions): LambdaFunction {
  const bytes = Object.entries(options.environment).reduce((sum, [name, value]) => {
    return sum + name.length + (value.includes('${Token[') ? PLACEHOLDER_BYTES : Buffer.byteLength(value));
  }, 0);
  if (bytes > ENVIRONMENT_BYTES) {
    throw new Error(
      `the environment of ${id} has about ${bytes} bytes, Lambda takes ${ENVIRONMENT_BYTES}: use a shorter recipe`,
    );
  }
  const logGroup = new LogGroup(scope, `${id}Logs`, {
    retention: options.logDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  const fn = new NodejsFunction(scope, id, {
    description: options.description,
    entry: join(ROOT, options.entry),
    projectRoot: ROOT,
    depsLockFilePath: join(ROOT, 'package-lock.json'),
    handler: 'handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: options.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
    memorySize: options.memory,
    timeout: Duration.seconds(options.timeoutSeconds),
    tracing: Tracing.ACTIVE,
    environment: options.environment,
    logGroup,
    role,
    // Lambda ends a chain of some 16 invocations of a function by itself otherwise.
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    ...(options.goesOnByItself ? { retryAttempts: 0 } : {}),
    ...(options.goesOnByItself || options.isRecursive ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
    bundling: {
      minify: BUNDLE.minify,
      target: BUNDLE.target,
      format: OutputFormat.CJS,
      mainFields: [...BUNDLE.mainFields],
      bundleAwsSDK: true,
      externalModules: [...BUNDLE.external],
      ...(options.binary === undefined ? {} : bundlingOf(options.binary)),
      environment: {
        npm_config_os: 'linux',
        npm_config_libc: 'glibc',
        npm_config_cpu: options.architecture,
        npm_config_ignore_scripts: 'true',
      },
      commandHooks: {
        beforeBundling: () => [],
        beforeInstall: () => [],
        // The lock file speaks of the whole project: with it, any other package's update would change the asset.
        afterBundling: (_input, output) => [
          `rm -f "${output}/package-lock.json"`,
          ...(options.binary === undefined ? [] : binaryAlone(options.binary, output, options.architecture)),
          ...[
            ...(options.smallest ? [`node --import tsx scripts/minify-bundle.ts "${output}/index.js"`] : []),
            ...(options.otherFiles?.(output) ?? []),
          ].map((command) => `cd "${ROOT}" && ${command}`),
        ],
      },
    },
  });
  acknowledgeTracing(fn);
  return fn;
}

/** NodejsFunction has no option for aliases. */
function bundlingOf({ package: name, bundle: { alias, define } }: Binary) {
  const esbuildArgs: Record<string, string> = {};
  for (const [from, to] of Object.entries(alias)) esbuildArgs[`--alias:${from}`] = to;
  return { nodeModules: [name], define, esbuildArgs };
}

/** Leaves of the packages that npm fetched the binary alone: the rest is in the bundle, and must be of its version. */
function binaryAlone({ package: name, root, scope, binaries }: Binary, output: string, architecture: string) {
  const modules = `${output}/node_modules`;
  return [
    `cmp "${modules}/${name}/package.json" "${root}/package.json"`,
    ...binaries(architecture).map((binary) => `test -d "${modules}/${scope}/${binary}"`),
    `find "${modules}" -mindepth 1 -maxdepth 1 ! -name "${scope}" -exec rm -rf {} +`,
  ];
}
