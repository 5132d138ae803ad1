import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectOwnership,
  type BucketProps,
  type IBucket,
  type LifecycleRule as BucketRule,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { defined } from '../src/core/defined.ts';
import { ABORT_MULTIPARTS, FAILURE_RULES, RESULT_RULES, type LifecycleRule } from '../src/core/lifecycle.ts';

/**
 * Properties of all buckets: encrypted, TLS only, no public access, retained when the stack is deleted. A bucket that
 * a failed deployment created is deleted in the rollback; otherwise, its name would be taken in the next attempt.
 */
const COMMON: BucketProps = {
  encryption: BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
};

export function createBucket(scope: Construct, id: string, props: BucketProps): IBucket {
  // CDK's declarations are incompatible with exactOptionalPropertyTypes.
  return new Bucket(scope, id, { ...COMMON, ...props }) as IBucket;
}

/** Translates core's lifecycle rules to CDK's. */
export function bucketRules(rules: readonly LifecycleRule[]): BucketRule[] {
  return rules.map(
    ({ id, prefix, expirationDays, noncurrentDays, expiredDeleteMarkers, abortMultipartDays }) =>
      defined({
        id,
        prefix,
        expiration: days(expirationDays),
        noncurrentVersionExpiration: days(noncurrentDays),
        expiredObjectDeleteMarker: expiredDeleteMarkers,
        abortIncompleteMultipartUploadAfter: days(abortMultipartDays),
      }),
  );
}

function days(count: number | undefined): Duration | undefined {
  return count === undefined ? undefined : Duration.days(count);
}

/** Creates the bucket for S3's access logs of the other buckets, by prefix. */
export function createLogBucket(scope: Construct): IBucket {
  return createBucket(scope, 'AccessLogs', {
    lifecycleRules: bucketRules([ABORT_MULTIPARTS, { id: 'old-logs', expirationDays: 90 }]),
  });
}

export function createResultBucket(scope: Construct, logs: IBucket): IBucket {
  const bucket = createBucket(scope, 'Results', {
    lifecycleRules: bucketRules(RESULT_RULES),
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: 'results/',
  });
  refuseUnconditionalWrites(bucket);
  return bucket;
}

export function createFailureBucket(scope: Construct, logs: IBucket): IBucket {
  const bucket = createBucket(scope, 'Failures', {
    lifecycleRules: bucketRules(FAILURE_RULES),
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: 'failures/',
  });
  refuseUnconditionalWrites(bucket);
  return bucket;
}

/**
 * Refuses unconditional PUTs from everyone: the latest upload wins only if every writer states what it replaces.
 * Creating a multipart upload and sending its parts stores no object and takes no condition; completing it does.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
function refuseUnconditionalWrites(bucket: IBucket): void {
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'RefuseUnconditionalWrites',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('*')],
      conditions: {
        Null: { 's3:if-match': 'true', 's3:if-none-match': 'true' },
        Bool: { 's3:ObjectCreationOperation': 'true' },
      },
    }),
  );
}
