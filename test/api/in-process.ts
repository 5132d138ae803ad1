import { S3Client } from '@aws-sdk/client-s3';
import type { Deployment } from '../../src/core/deployment.ts';
import { createApi } from '../../src/api/app.ts';
import { S3_SETTINGS, type ApiDeps } from '../../src/api/deps.ts';
import { fakeS3 } from '../support/fake-s3.ts';

export const DEPLOYMENT = {
  uploadBuckets: ['uploads', 'scans'],
  resultBucket: 'results',
  failureBucket: 'failures',
  conversionQueueUrl: 'https://sqs.example/1/conversion',
  retryQueueUrl: 'https://sqs.example/1/retry',
  deadLetterQueueUrl: 'https://sqs.example/1/dead-letters',
  renditions: ['large', 'thumb'],
  rules: [],
  recipeId: 'r',
  generation: 1,
  ignore: [],
  whenDeleted: 'keep',
} satisfies Deployment;

/** The API on an S3 in this process, which lists in small pages. */
export function apiInProcess(deps: Partial<ApiDeps> = {}, pageSize = 3) {
  const { s3: fake, ...rest } = fakeS3(pageSize);
  const client = new S3Client({
    ...S3_SETTINGS,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  // Signs by itself; its requests go to the fake.
  const s3 = Object.assign(Object.create(client) as S3Client, { send: fake.send.bind(fake) });
  const errors: unknown[] = [];
  const api = createApi({
    s3,
    deployment: DEPLOYMENT,
    maxUploadBytes: 200_000_000,
    onError: (error) => void errors.push(error),
    ...deps,
  } as ApiDeps);
  return {
    ...rest,
    s3,
    errors,
    request: async (path: string, init?: RequestInit) => api.request(path, init),
    post: async (path: string, body: object) =>
      api.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}
