import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { localClientConfig } from '../../src/client-config.ts';

export function clientsOf(url: string): { s3: S3Client; sqs: SQSClient } {
  const config = localClientConfig(url);
  return { s3: new S3Client({ ...config, forcePathStyle: true }), sqs: new SQSClient(config) };
}
