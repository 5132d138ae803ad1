import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { buildLocal } from '../scripts/build/build.ts';
import { DEFAULT_RECIPE } from '../src/core/recipe.ts';
import { localDeployment } from '../src/local/deployment.ts';
import { BUCKETS } from '../src/local/resources.ts';
import { startTestServer } from '../test/support/http-server.ts';
import { S3_MILLISECONDS, startBatchAws } from './batch/aws.ts';
import type { Benchmark, Measured } from './frame/benchmark.ts';
import { runCommand } from './frame/command.ts';
import { withFolder } from './frame/scratch.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

const BYTES = 50_000;

/** Compares the command with common upload tools. */
export const benchmark: Benchmark = {
  id: 'B8',
  workload: `\`upload\` of many 50 kB files; S3 latency ${S3_MILLISECONDS} ms`,
  baseline: '`aws s3 cp --recursive`; `rclone copy --transfers 32`',
  async run(bench) {
    const others = [
      { program: 'aws', target: 0.3 },
      { program: 'rclone', target: 0.65 },
    ].filter(({ program }) => {
      const there = isThere(program);
      if (!there) bench.note(`B8 with ${program}: skipped, ${program} is missing`);
      return there;
    });
    if (others.length === 0) return [];
    await buildLocal();
    const count = bench.sized({ quick: 50, default: 2000, full: 2000 });
    const aws = await startBatchAws('{}');
    const pipeline = await startTestServer((_req, res) => {
      const deployment = localDeployment(aws.url, aws.resources, DEFAULT_RECIPE);
      res.setHeader('content-type', 'application/json').end(JSON.stringify(deployment));
    });
    const endpoint = pipeline.url;
    try {
      return await withFolder(async (folder) => {
        const from = join(folder, 'files');
        await mkdir(from);
        for (let index = 0; index < count; index += 1)
          await writeFile(join(from, `${index}.jpg`), randomBytes(BYTES));
        let uploads = 0;
        /** Uploads under a new prefix and checks that all files arrived. */
        const timed = async (upload: (prefix: string) => Promise<unknown>) => {
          uploads += 1;
          const prefix = `upload-${uploads}/`;
          const begun = performance.now();
          await upload(prefix);
          const seconds = (performance.now() - begun) / 1000;
          await checkUploaded(aws.url, prefix, count);
          return seconds;
        };
        const commands: Record<string, (prefix: string) => Promise<unknown>> = {
          millrace: (prefix) => runCommand(['upload', from, '--prefix', prefix, '--endpoint', endpoint]),
          aws: (prefix) =>
            run(
              'aws',
              aws.url,
              's3',
              'cp',
              '--recursive',
              '--only-show-errors',
              from,
              `s3://uploads/${prefix}`,
            ),
          rclone: (prefix) =>
            run(
              'rclone',
              aws.url,
              'copy',
              '--transfers',
              '32',
              from,
              `:s3:uploads/${prefix}`,
              '--s3-endpoint',
              aws.url,
            ),
        };
        const sides = ['millrace', ...others.map(({ program }) => program)];
        const seconds = await inTurn(
          bench.sized({ quick: 1, default: 2, full: 5 }),
          Object.fromEntries(
            sides.map((side) => [
              side,
              () => timed(commands[side] ?? (() => Promise.reject(new Error(side)))),
            ]),
          ),
        );
        return others.map(({ program, target }): Measured => {
          const ratio = ratioOf(seconds['millrace'] ?? [], seconds[program] ?? []);
          return { name: `${count} files, ${program}`, ...ratio, target: { atMost: target } };
        });
      });
    } finally {
      await pipeline.stop();
      await aws.stop();
    }
  },
};

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function run(program: string, awsUrl: string, ...args: string[]): Promise<void> {
  // The local AWS does not need a proxy's certificate, and rclone refuses it.
  const { AWS_CA_BUNDLE: _, ...inherited } = process.env;
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...inherited,
      AWS_ENDPOINT_URL: awsUrl,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      RCLONE_CONFIG: '',
      RCLONE_S3_PROVIDER: 'Other',
      RCLONE_S3_ENV_AUTH: 'true',
      RCLONE_S3_NO_CHECK_BUCKET: 'true',
    },
  });
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`${program} exited with ${child.exitCode}`);
}

async function checkUploaded(awsUrl: string, Prefix: string, expected: number): Promise<void> {
  const client = new S3Client({ ...localClientConfig(awsUrl), forcePathStyle: true });
  let count = 0;
  try {
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client },
      { Bucket: BUCKETS.uploads, Prefix },
    ))
      count += Contents.filter(({ Size }) => Size === BYTES).length;
  } finally {
    client.destroy();
  }
  if (count !== expected) throw new Error(`expected ${expected} files in ${Prefix}, got ${count}`);
}
