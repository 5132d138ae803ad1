import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ObjectRef } from '../../src/core/object-ref.ts';
import type { Config } from '../../src/worker/config.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { createIdempotency, type Idempotency } from '../../src/worker/idempotency.ts';
import type { Telemetry } from '../../src/worker/telemetry.ts';
import { createTable } from '../simulation/table.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { contextOf, recordOf } from '../support/worker.ts';

const object: ObjectRef = { bucket: 'uploads', key: 'a.jpg', versionId: 'v1' };
const config = {
  recipe: DEFAULT_RECIPE,
  generation: 1,
  inFlight: 10,
  conversions: 1,
  retryQueueArn: 'arn:retry',
} as Config;
const never = () => new Promise<never>(() => undefined);

/** How far the table's clock is ahead of this process's, in milliseconds. */
let ahead: number;
/** DynamoDB's error for this command. */
let failure: (command: unknown) => Error | undefined;
let warnings: unknown[];
let telemetry: Telemetry;
/** A process of the function before its first invocation. */
let idle: (other?: Partial<Config>) => Idempotency;

beforeEach(() => {
  ahead = 0;
  failure = () => undefined;
  warnings = [];
  const table = createTable({ now: () => Date.now() + ahead } as Parameters<typeof createTable>[0]);
  const client = new DynamoDBClient({ region: 'us-east-1' });
  const send = async (command: unknown) => {
    const error = failure(command);
    if (error !== undefined) throw error;
    return table.answer(command);
  };
  const persistence = new DynamoDBPersistenceLayer({
    tableName: 'table',
    awsSdkV3Client: Object.create(client, { send: { value: send } }) as DynamoDBClient,
  });
  telemetry = {
    warn: (message: string, keys: object, error: unknown) => void warnings.push(error),
    within: (_keys: object, run: () => unknown) => run(),
    publish: () => undefined,
    count: () => undefined,
  } as unknown as Telemetry;
  idle = (other = {}) => createIdempotency({ persistence, config: { ...config, ...other }, telemetry });
});

/** A process in an invocation. */
function process(other?: Partial<Config>): Idempotency {
  const idempotency = idle(other);
  idempotency.register(contextOf(60_000));
  return idempotency;
}

describe('work for an upload', () => {
  it('runs once, however often it is requested', async () => {
    expect(await process().once(object, async () => 'first')).toEqual({ kind: 'ran', value: 'first' });
    expect(await process().once(object, async () => 'second')).toEqual({ kind: 'done before' });
  });

  it.each([
    ['version', { versionId: 'v2' }],
    ['key', { key: 'b.jpg' }],
    ['bucket', { bucket: 'scans' }],
  ])('runs again for another %s', async (_what, other) => {
    await process().once(object, async () => 'first');
    expect(await process().once({ ...object, ...other }, async () => 'second')).toEqual({
      kind: 'ran',
      value: 'second',
    });
  });

  it('runs again when the recipe was deployed anew', async () => {
    await process().once(object, async () => 'first');
    const again = process({ recipeId: 'r2', generation: 2 });
    expect(await again.once(object, async () => 'second')).toMatchObject({ kind: 'ran' });
  });

  it('is identified by the sequencer if there is no version', async () => {
    const { versionId: _, ...unversioned } = { ...object, sequencer: 's1' };
    await process().once(unversioned, async () => 'first');
    expect(await process().once(unversioned, async () => 'second')).toEqual({ kind: 'done before' });
    expect(await process().once({ ...unversioned, sequencer: 's2' }, async () => 'third')).toMatchObject({
      kind: 'ran',
    });
  });

  it('runs each time if nothing distinguishes two uploads of the key', async () => {
    const { versionId: _, ...nameless } = object;
    failure = () => new Error('the table is not asked');
    await process().once(nameless, async () => 'first');
    expect(await process().once(nameless, async () => 'second')).toEqual({ kind: 'ran', value: 'second' });
    expect(warnings).toEqual([]);
  });

  it('runs each time in a worker without a table', async () => {
    const without = createIdempotency({ persistence: undefined, config, telemetry });
    await without.once(object, async () => 'first');
    expect(await without.once(object, async () => 'second')).toEqual({ kind: 'ran', value: 'second' });
  });

  it('that fails is forgotten, and throws its error', async () => {
    const error = new Error('no luck');
    await expect(process().once(object, () => Promise.reject(error))).rejects.toBe(error);
    expect(await process().once(object, async () => 'second')).toEqual({ kind: 'ran', value: 'second' });
    expect(warnings).toEqual([]);
  });

  it('is remembered for a day', async () => {
    const HOUR = 3_600_000;
    await process().once(object, async () => 'first');
    ahead = 24 * HOUR - 60_000;
    expect(await process().once(object, async () => 'early')).toEqual({ kind: 'done before' });
    ahead = 24 * HOUR + 60_000;
    expect(await process().once(object, async () => 'late')).toEqual({ kind: 'ran', value: 'late' });
  });

  it('is in progress while an invocation is working on it', async () => {
    void process().once(object, never);
    await new Promise(setImmediate);
    expect(await process().once(object, async () => 'second')).toEqual({ kind: 'in progress' });
  });
});

describe('an invocation that died during its work', () => {
  const handlerOf = (idempotency: Idempotency, work: () => Promise<unknown>) =>
    createHandler({
      config,
      forward: async () => [],
      intake: async () => [object],
      lanes: {
        batch: async () => void (await idempotency.once(object, work)),
        retry: async () => undefined,
      },
      idempotency,
      telemetry,
    });
  const event = () => ({ Records: [recordOf('b', 'arn:conversion')] });

  it('holds its lock exactly until its own deadline', async () => {
    void handlerOf(idle(), never)(event(), contextOf(60_000));
    await new Promise(setImmediate);
    ahead = 50_000;
    expect(await process().once(object, async () => 'early')).toEqual({ kind: 'in progress' });
    ahead = 61_000;
    expect(await process().once(object, async () => 'late')).toEqual({ kind: 'ran', value: 'late' });
  });

  it('has its own deadline, not that of an earlier invocation in the same process', async () => {
    const idempotency = idle();
    idempotency.register(contextOf(1_000));
    idempotency.register(contextOf(60_000));
    void idempotency.once(object, never);
    await new Promise(setImmediate);
    ahead = 50_000;
    expect(await process().once(object, async () => 'early')).toEqual({ kind: 'in progress' });
  });
});

describe('without the table', () => {
  it('work is done anyway, and the logs say so', async () => {
    failure = () => new Error('DynamoDB is away');
    expect(await process().once(object, async () => 'first')).toEqual({ kind: 'ran', value: 'first' });
    expect(warnings).toHaveLength(1);
  });

  it('work that cannot be recorded is not done twice', async () => {
    failure = (command) => (command instanceof UpdateItemCommand ? new Error('DynamoDB is away') : undefined);
    let runs = 0;
    expect(await process().once(object, async () => (runs += 1))).toEqual({ kind: 'ran', value: 1 });
    expect(runs).toBe(1);
  });

  it('work that fails is not done twice either', async () => {
    const error = new Error('no luck');
    failure = (command) =>
      (command as object).constructor.name === 'DeleteItemCommand'
        ? new Error('DynamoDB is away')
        : undefined;
    let runs = 0;
    const work = () => {
      runs += 1;
      return Promise.reject(error);
    };
    await expect(process().once(object, work)).rejects.toBe(error);
    expect(runs).toBe(1);
  });
});
