import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { S3Client } from '@aws-sdk/client-s3';
import { Hono } from 'hono';
import { createApi } from '../api/app.ts';
import type { LocalDeployment } from '../core/deployment.ts';
import type { Recipe } from '../core/recipe.ts';
import type { LocalAlarms } from './alarms.ts';
import { localClientConfig } from './client-config.ts';
import { BUCKETS } from './resources.ts';

interface ApiServerOptions {
  port: number;
  awsUrl: string;
  recipe: Recipe;
  deployment: LocalDeployment;
  alarms: LocalAlarms;
}

/** Serves the API on this machine only, as the HTTP API and its Lambda do on AWS. */
export async function startApi({
  port,
  awsUrl,
  recipe,
  deployment,
  alarms,
}: ApiServerOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const s3 = new S3Client({ ...localClientConfig(awsUrl), forcePathStyle: true });
  const buckets = {
    uploadBuckets: [BUCKETS.uploads],
    resultBucket: BUCKETS.results,
    failureBucket: BUCKETS.failures,
  };
  const app = new Hono();
  app.get('/deployment', (context) => context.json(deployment));
  app.get('/alarms', (context) => context.json(alarms.states()));
  app.route('/', createApi({ s3, buckets, recipe }));
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
      s3.destroy();
    },
  };
}
