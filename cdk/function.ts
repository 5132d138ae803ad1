import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  DockerImageFunction,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeTracing } from './acknowledgements.ts';
import { functionCode, type FunctionName } from './function-code.ts';
import { withWorkerImage } from './worker-image.ts';

interface FunctionOptions {
  description: string;
  code: FunctionName;
  /** Worker only: the code of custom conversions. */
  bundle?: string;
  /** Worker only: the folder with the Dockerfile of its image. By default, the code is a zip file. */
  image?: string;
  architecture: 'arm64' | 'x64';
  memory: number;
  /** Megabytes of `/tmp`; 512 by default. */
  storage?: number;
  timeoutSeconds: number;
  logDays: number;
  environment: Record<string, string>;
  /**
   * The function is invoked asynchronously, and also invokes itself. A failed run is reported by its record or an
   * alarm and is not retried.
   */
  invokesItself?: true;
  /** The function sends messages to a queue that invokes it, and limits how often. */
  isRecursive?: true;
}

/** The maximum size of a function's environment. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ENVIRONMENT_BYTES = 4096;
/** Lower bound of a resolved token's length: a region's name or an account's id. A queue's URL is longer. */
const TOKEN_BYTES = 9;
const TOKEN = /\$\{Token\[[^\]]+\]\}/g;

/**
 * Creates a function with its log group and role. The role may only write to that log group; callers grant the other
 * permissions.
 * @throws Error if the environment is certainly too large for Lambda
 */
export function createFunction(scope: Construct, id: string, options: FunctionOptions): LambdaFunction {
  const bytes = Object.entries(options.environment).reduce((sum, [name, value]) => {
    return sum + name.length + Buffer.byteLength(value.replaceAll(TOKEN, '-'.repeat(TOKEN_BYTES)));
  }, 0);
  if (bytes > ENVIRONMENT_BYTES) {
    throw new Error(
      `the environment of ${id} has at least ${bytes} bytes, more than Lambda's maximum of ${ENVIRONMENT_BYTES}: use a shorter recipe`,
    );
  }
  const logGroup = new LogGroup(scope, `${id}Logs`, {
    retention: options.logDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  const props = {
    description: options.description,
    architecture: options.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
    memorySize: options.memory,
    ...(options.storage === undefined ? {} : { ephemeralStorageSize: Size.mebibytes(options.storage) }),
    timeout: Duration.seconds(options.timeoutSeconds),
    tracing: Tracing.ACTIVE,
    environment: options.environment,
    logGroup,
    role,
    // By default, Lambda stops a function that has invoked itself about 16 times in a row.
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    ...(options.invokesItself ? { retryAttempts: 0 } : {}),
    ...(options.invokesItself || options.isRecursive ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
  };
  const { code, architecture, bundle, image } = options;
  const fn =
    image === undefined
      ? new LambdaFunction(scope, id, {
          ...props,
          code: functionCode(code, architecture, bundle),
          handler: 'index.handler',
          runtime: Runtime.NODEJS_24_X,
        })
      : withWorkerImage(
          scope,
          { folder: image, architecture, bundle },
          (built) => new DockerImageFunction(scope, id, { ...props, code: built }),
        );
  acknowledgeTracing(fn);
  return fn;
}
