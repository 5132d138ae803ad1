import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PutBucketCorsCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';
import { createApi } from '../api/app.ts';
import { S3_SETTINGS, type AuditEntry } from '../api/deps.ts';
import type { LocalDeployment } from '../core/deployment.ts';
import type { Recipe } from '../core/recipe.ts';
import { limitsOf } from '../core/rules.ts';
import { currentUser } from '../ops/current-user.ts';
import type { LocalAlarms } from './alarms.ts';
import { readPages } from './built-files.ts';
import { localOrigins, onlyLocal } from './own-origin-only.ts';
import type { LocalMetrics } from './metrics.ts';
import { createRedrives } from './redrives.ts';
import { BUCKETS } from './resources.ts';

/** Longer than clients keep an idle connection, so that they never use one that is being closed. */
const KEEP_ALIVE_MILLISECONDS = 75_000;

interface ApiServerOptions {
  port: number;
  recipe: Recipe;
  deployment: LocalDeployment;
  alarms: LocalAlarms;
  metrics: Pick<LocalMetrics, 'minutes'>;
  /** Records changes by operators. */
  audit(entry: AuditEntry): Promise<void>;
  /** Called with bugs in the server and failed redrives. */
  onError(error: unknown): void;
}

/** Serves the API and its pages on this machine only, as the HTTP API and its Lambda do on AWS. */
export async function startApi(options: ApiServerOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const { recipe, alarms, metrics, audit, onError } = options;
  // More retries than usual, for `--faults`.
  const client = { ...localClientConfig(options.deployment.awsUrl), maxAttempts: 10 };
  const s3 = createSdkClient(S3Client, { ...client, ...S3_SETTINGS, forcePathStyle: true }, SERVICE_LIMITS);
  const sqs = createSdkClient(SQSClient, client, SERVICE_LIMITS);
  const redrives = createRedrives(options.deployment, onError);
  let url = '';
  let port = 0;
  const deployment = (): LocalDeployment => ({ ...options.deployment, apiUrl: url });
  const app = new Hono().use(onlyLocal(() => port));
  app.get('/deployment', (context) => context.json(deployment()));
  app.get('/alarms', (context) => context.json(alarms.states()));
  app.mount(
    '/',
    createApi({
      s3,
      sqs,
      deployment: deployment(),
      maxUploadBytes: limitsOf(recipe).bytes,
      pages: readPages,
      readMinutes: () => Promise.resolve(metrics.minutes()),
      readAlarm: () => Promise.resolve(alarms.states()['dead-letters']),
      startRedrive: (job) => Promise.resolve(redrives.start(job)),
      // The server is reachable from this machine only, so the caller is its user.
      callerOf: currentUser,
      audit,
      onError,
    }).fetch,
  );
  const server = createAdaptorServer({ fetch: app.fetch });
  if ('keepAliveTimeout' in server) server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  // With too many open files, connections cannot be accepted; clients retry.
  server.on('error', onError);
  ({ port } = server.address() as AddressInfo);
  url = `http://127.0.0.1:${port}`;
  await allowUploadsFrom(s3, localOrigins(port));
  return {
    url,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
      await redrives.stop();
      s3.destroy();
      sqs.destroy();
    },
  };
}

/** Lets the page POST files to S3 and PUT parts, and read the ETags of parts. */
async function allowUploadsFrom(s3: S3Client, origins: string[]): Promise<void> {
  const rule = {
    AllowedOrigins: origins,
    AllowedMethods: ['POST', 'PUT'],
    AllowedHeaders: ['content-type'],
    ExposeHeaders: ['ETag'],
    MaxAgeSeconds: 3000,
  };
  await s3.send(
    new PutBucketCorsCommand({ Bucket: BUCKETS.uploads, CORSConfiguration: { CORSRules: [rule] } }),
  );
}
