import { readFile } from 'node:fs/promises';
import * as dynamo from '@aws-sdk/client-dynamodb';
import * as s3 from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalAws, type LocalAws } from '../src/aws.ts';

let aws: LocalAws;
let readme: string;
beforeAll(async () => {
  aws = await startLocalAws();
  readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
});
afterAll(() => aws.stop());

/** Returns the names of an SDK's operations, such as `PutObject`. */
const namesIn = (sdk: object) =>
  Object.keys(sdk).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.slice(1) ?? []);

/** Returns the operations that the README lists for a service. */
function listed(service: string): string[] {
  const [, operations = ''] = new RegExp(`^\\| ${service} +\\| (\`.*\`) +\\|$`, 'm').exec(readme) ?? [];
  return operations.split(' ').map((name) => name.replaceAll('`', ''));
}

/** The parameters that any operation needs to form a request. */
const INPUT = {
  Bucket: 'bucket',
  Key: 'key',
  UploadId: 'upload',
  PartNumber: 1,
  CopySource: 'bucket/key',
  RenameSource: '/bucket/key',
  Id: 'id',
  RequestRoute: 'route',
  RequestToken: 'token',
  Body: '',
};

interface Client {
  send(command: object): Promise<unknown>;
  destroy(): void;
}
type Sdk = Record<string, unknown>;

/** Returns the operations that a service does not refuse as unsupported. */
async function answered(sdk: Sdk, client: Client, refusal: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of namesIn(sdk)) {
    const Command = sdk[`${name}Command`] as new (input: object) => object;
    const error = await client.send(new Command(INPUT)).then(
      () => undefined,
      (thrown: Error & { $metadata?: { httpStatusCode?: number } }) => thrown,
    );
    expect(error?.$metadata?.httpStatusCode ?? 200, `${name}: ${String(error)}`).not.toBe(500);
    if (error?.name !== refusal) found.push(name);
  }
  client.destroy();
  return found;
}

describe('the README lists exactly the supported operations', () => {
  const config = () => ({ ...aws.clientConfig, maxAttempts: 1, disableHostPrefix: true });

  it('for S3', async () => {
    const done = await answered(s3, new s3.S3Client(config()), 'NotImplemented');
    expect(listed('S3')).toEqual(done.toSorted());
  });

  it('for SQS', async () => {
    const done = await answered(sqs, new sqs.SQSClient(config()), 'NotImplemented');
    expect(listed('SQS')).toEqual(done.toSorted());
  });

  it('for DynamoDB', async () => {
    const client = new dynamo.DynamoDBClient(config());
    const done = await answered(dynamo, client, 'UnknownOperationException');
    expect(listed('DynamoDB')).toEqual(done.toSorted());
  });
});
