import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as images from '../support/images.ts';
import { findPythonWithBoto3, needs } from '../support/needs.ts';
import {
  listKeys,
  read,
  readReport,
  startTestPipeline,
  untilQuiet,
  type TestPipeline,
} from '../support/pipeline.ts';

const run = promisify(execFile);

const BOTO3 = `
import os, sys, boto3
from boto3.s3.transfer import TransferConfig
s3 = boto3.client('s3')
config = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20)
for root, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(root, name)
        s3.upload_file(path, 'uploads', 'boto3/' + os.path.relpath(path, sys.argv[1]), Config=config)
`;

/** Third-party clients, and how to upload a folder with them. */
const CLIENTS = {
  aws: (folder: string) => ['aws', 's3', 'cp', '--recursive', '--quiet', folder, 's3://uploads/aws/'],
  rclone: (folder: string, url: string) => [
    'rclone',
    '--config',
    '',
    'copy',
    '--s3-upload-cutoff',
    '8M',
    '--s3-chunk-size',
    '8M',
    folder,
    `:s3,provider=Other,endpoint='${url}',env_auth=true:uploads/rclone`,
  ],
  boto3: (folder: string) => [findPythonWithBoto3() ?? '', '-c', BOTO3, folder],
};
type Client = keyof typeof CLIENTS;

let pipeline: TestPipeline;
let folder: string;
beforeAll(async () => {
  pipeline = await startTestPipeline();
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  await mkdir(join(folder, 'a folder'));
  await copyFile(images.PHOTOS[0] ?? '', join(folder, 'a folder', '100% + é.jpg'));
  await writeFile(join(folder, 'text.jpg'), 'I am no photo');
  // A valid 20 MB photo: a JPEG may be followed by arbitrary bytes.
  await writeFile(join(folder, 'large.jpg'), Buffer.concat([await images.photo(), randomBytes(20_000_000)]));
});
afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.each(Object.keys(CLIENTS) as Client[])('%s', (name) => {
  it('uploads a folder, including a multipart upload, and every result appears', needs(name), async () => {
    const [command = '', ...args] = CLIENTS[name](folder, pipeline.awsUrl);
    // rclone does not work with a certificate bundle in the environment.
    const { AWS_CA_BUNDLE: _bundle, ...environment } = process.env;
    const credentials = {
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'thing',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    await run(command, args, { env: { ...environment, ...credentials, AWS_ENDPOINT_URL: pipeline.awsUrl } });
    await untilQuiet(pipeline);

    const results = (await listKeys(pipeline.s3, 'results')).filter((key) => key.startsWith(`${name}/`));
    expect(results).toEqual([`${name}/a folder/100% + é.jpg`, `${name}/large.jpg`]);
    expect((await read(pipeline.s3, 'uploads', `${name}/large.jpg`))?.bytes.byteLength).toBeGreaterThan(
      20_000_000,
    );
    expect(await readReport(pipeline.s3, `${name}/text.jpg`)).toMatchObject({
      status: 'failed',
      code: 'image.unsupported_format',
    });
  });
});
