import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '@millrace/local-aws/models';
import { localClientConfig } from '@millrace/local-aws/client-config';

import { fakeClock } from '../../packages/local-aws/test/support/fake-clock.ts';
import { CONDITION, createTable } from './table.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const TableName = 'idempotency';
const COMMANDS = 1_500;

const server = dynalite({ createTableMs: 0 });
let dynamo: DynamoDBClient;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  dynamo = new DynamoDBClient(
    localClientConfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  );
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
});
afterAll(() => {
  dynamo.destroy();
  server.close();
});

type Attributes = Record<string, AttributeValue>;
const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

/** The requests of Powertools' persistence layer, with values that collide with each other and the clock. */
function commandAt(random: () => number, now: number) {
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T;
  const Key = { id: { S: pick(['a', 'b']) } };
  const near = () => now + pick([-3_600_000, -1000, -1, 0, 1, 1000, 3_600_000]);
  switch (pick(['put', 'put', 'put', 'update', 'get', 'delete'] as const)) {
    case 'put':
      return new PutItemCommand({
        TableName,
        Item: {
          ...Key,
          status: { S: 'INPROGRESS' },
          expiration: { N: String(seconds(near())) },
          ...(random() < 0.8 ? { in_progress_expiration: { N: String(near()) } } : {}),
        },
        ConditionExpression: CONDITION,
        ExpressionAttributeNames: {
          '#id': 'id',
          '#expiry': 'expiration',
          '#in_progress_expiry': 'in_progress_expiration',
          '#status': 'status',
        },
        ExpressionAttributeValues: {
          ':now': { N: String(now / 1000) },
          ':now_in_millis': { N: String(now) },
          ':inprogress': { S: 'INPROGRESS' },
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
    case 'update':
      return new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'SET #expiry = :expiry, #status = :status',
        ExpressionAttributeNames: { '#expiry': 'expiration', '#status': 'status' },
        ExpressionAttributeValues: {
          ':expiry': { N: String(seconds(near())) },
          ':status': { S: 'COMPLETED' },
        },
      });
    case 'get':
      return new GetItemCommand({ TableName, Key, ConsistentRead: true });
    case 'delete':
      return new DeleteItemCommand({ TableName, Key });
  }
}

it('responds like a real table', async () => {
  const random = seededRandom(1);
  const clock = fakeClock();
  const table = createTable(clock);
  const counts = { stored: 0, refused: 0, found: 0 };
  for (let count = 0; count < COMMANDS; count += 1) {
    clock.advance(Math.floor(random() * 2000));
    const command = commandAt(random, clock.now());
    const [model, real] = await Promise.all([
      outcome(() => Promise.resolve(table.answer(command))),
      outcome(() => dynamo.send(command as GetItemCommand)),
    ]);
    expect(model, `${command.constructor.name} ${count}`).toEqual(real);
    if (model === 'refused') counts.refused += 1;
    else if (command instanceof PutItemCommand) counts.stored += 1;
    else if (model.Item !== undefined) counts.found += 1;
  }
  expect(Math.min(counts.stored, counts.refused, counts.found)).toBeGreaterThan(COMMANDS / 20);
});

async function outcome(
  run: () => Promise<{ Item?: Attributes | undefined }>,
): Promise<{ Item?: Attributes } | 'refused'> {
  try {
    const { Item } = await run();
    return Item === undefined ? {} : { Item };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'refused';
    throw error;
  }
}
