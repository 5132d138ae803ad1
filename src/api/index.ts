import { S3Client } from '@aws-sdk/client-s3';
import { handle } from 'hono/aws-lambda';
import { createApi } from './app.ts';
import { readApiConfig } from './config.ts';
import { guardOperations } from './operations-guard.ts';

const { recipe, deployment } = readApiConfig(process.env);

/** The Lambda function's entry. */
export const handler = handle(
  guardOperations(createApi({ s3: new S3Client({}), buckets: deployment, recipe })),
);
