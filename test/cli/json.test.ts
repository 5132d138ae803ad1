import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { finish, millraceStart, spawnCommand, type Started } from '../support/command.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { jsonLines } from '../support/json-lines.ts';

const line = <T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), ...shape });
const summary = <S extends z.core.$ZodLooseShape>(shape: S) => line('summary', shape);
const queued = <S extends z.core.$ZodLooseShape>(shape: S) => summary({ ...shape, dollars: z.number() });
const whole = z.int().nonnegative();
const time = z.iso.datetime();

const stored = z.strictObject({
  rendition: z.string(),
  key: z.string(),
  contentType: z.string(),
  bytes: whole,
  width: whole,
  height: whole,
});
const converted = line('converted', { key: z.string(), results: z.array(stored).min(1) });
const failed = line('failed', { key: z.string(), code: z.string(), message: z.string() });
const fourCounts = { uploaded: whole, converted: whole, failed: whole, pending: whole };
const allCounts = { ...fourCounts, ignored: whole };
const group = {
  code: z.string(),
  count: whole,
  oldest: time,
  expires: time,
  sample: z.string(),
  message: z.string(),
  retryCanHelp: z.boolean(),
};
const counts = { moved: whole, converted: whole, failedAgain: whole, gone: whole, pending: whole };

interface Case {
  /** The command line's arguments; `@name` is a path in the test's folder. */
  run: string;
  code?: number;
  /** The kinds of lines, in the order of their first appearance. The last one ends the output. */
  lines: z.ZodType[];
}

/** Grouped by command. Run in this order, on the state that the previous ones left. */
const CASES: Record<string, Case[]> = {
  ui: [{ run: 'ui', lines: [line('ready', { url: z.url() })] }],
  upload: [
    {
      run: 'upload @photos --wait',
      code: 1,
      lines: [
        converted,
        failed,
        summary({ ...allCounts, gone: whole, skipped: whole, bytes: whole, seconds: z.number() }),
      ],
    },
    {
      run: 'upload @photos/a.png --prefix again/',
      lines: [
        line('uploaded', { key: z.literal('again/a.png'), bytes: whole }),
        summary({ uploaded: whole, skipped: whole, failed: whole, bytes: whole, seconds: z.number() }),
      ],
    },
    {
      run: 'upload @photos --dry-run',
      lines: [line('planned', { key: z.string(), path: z.string() }), summary({ planned: whole })],
    },
  ],
  status: [
    { run: 'status', code: 1, lines: [summary({ basis: z.literal('listings'), ...allCounts })] },
    {
      run: 'status --verify',
      code: 1,
      lines: [summary({ basis: z.literal('objects'), ...allCounts, stale: whole })],
    },
    {
      run: 'status a.png',
      lines: [
        line('object', {
          basis: z.literal('objects'),
          key: z.string(),
          status: z.literal('converted'),
          stale: z.literal(false),
          results: z.array(stored).min(1),
        }),
      ],
    },
    {
      run: 'status b.jpg',
      code: 1,
      lines: [
        line('object', {
          basis: z.literal('objects'),
          key: z.string(),
          status: z.literal('failed'),
          code: z.literal('image.unsupported_format'),
          message: z.string(),
          attempts: whole,
          at: time,
          messageId: z.string(),
          requestId: z.string(),
          logGroup: z.string(),
          logStream: z.string(),
        }),
      ],
    },
  ],
  backfill: [
    {
      run: 'backfill a.png --stale --dry-run',
      lines: [queued({ basis: z.literal('objects'), found: z.literal(0), queued: z.literal(0) })],
    },
    {
      run: 'backfill a.png --by-listing --dry-run',
      lines: [queued({ basis: z.literal('listings'), found: z.literal(0), queued: z.literal(0) })],
    },
    {
      run: 'backfill b.jpg --failed --yes',
      lines: [queued({ basis: z.literal('objects'), found: z.literal(1), queued: z.literal(1) })],
    },
  ],
  estimate: [
    {
      run: 'estimate --objects 1000 --megapixels 12',
      lines: [
        line('estimate', {
          objects: z.literal(1000),
          renditions: z.literal(1),
          secondsPerObject: z.number(),
          batchSize: z.literal(10),
          seconds: z.number(),
          objectsPerSecond: z.number(),
          invocations: z.literal(100),
          concurrency: whole,
          limit: z.literal(50),
          limitedBy: z.literal('maximum-concurrency'),
          dollars: z.number(),
          cost: z.strictObject({
            lambda: z.number(),
            s3: z.number(),
            sqs: z.number(),
            dynamoDb: z.number(),
            eventPollers: z.literal(0),
          }),
        }),
      ],
    },
  ],
  dlq: [{ run: 'dlq', lines: [line('group', group), summary({ deadLetters: whole, codes: whole })] }],
  'dlq show': [
    {
      run: 'dlq show b.jpg',
      lines: [
        line('dead-letter', {
          id: z.string(),
          code: z.literal('image.unsupported_format'),
          message: z.string(),
          attempts: whole,
          objects: z.array(
            z.strictObject({ bucket: z.string(), key: z.string(), versionId: z.string().exactOptional() }),
          ),
          sentAt: time,
          expiresAt: time,
          body: z.string(),
          attributes: z.record(z.string(), z.strictObject({ type: z.string(), value: z.string() })),
          report: z.looseObject({ status: z.literal('failed'), logStream: z.string() }),
        }),
      ],
    },
  ],
  'dlq export': [
    {
      run: 'dlq export @copies.jsonl --code image.unsupported_format',
      lines: [summary({ exported: whole.positive(), file: z.string() })],
    },
  ],
  redrive: [
    {
      run: 'redrive',
      lines: [line('plan', group), summary({ planned: whole.positive(), moved: z.literal(0) })],
    },
    {
      run: 'redrive --key b.jpg --canary 1 --wait --yes',
      code: 1,
      lines: [
        line('failed-again', { key: z.literal('b.jpg'), code: z.string(), message: z.string() }),
        summary({ id: z.string(), state: z.literal('stopped'), reason: z.string(), ...counts }),
      ],
    },
  ],
  'redrive status': [
    {
      run: 'redrive status',
      lines: [
        line('redrive', {
          version: z.literal(1),
          id: z.string(),
          state: z.literal('stopped'),
          reason: z.string(),
          who: z.string(),
          why: z.string(),
          what: z.string(),
          startedAt: time,
          updatedAt: time,
          cancelRequested: z.literal(false),
          counts: z.strictObject(counts),
        }),
      ],
    },
  ],
  'redrive cancel': [{ run: 'redrive cancel --yes', lines: [summary({ cancelled: z.literal(0) })] }],
  'dlq purge': [
    {
      run: 'dlq purge --key b.jpg --export @purged.jsonl --yes',
      lines: [
        summary({
          deleted: whole.positive(),
          notDeleted: z.literal(0),
          unseen: z.literal(0),
          file: z.string(),
        }),
      ],
    },
  ],
  drill: [
    {
      run: 'drill --yes',
      lines: [
        line('step', { text: z.string() }),
        summary({
          passed: z.literal(true),
          seconds: z.number(),
          key: z.string(),
          code: z.string(),
          alarmed: z.literal(true),
          results: z.array(stored).min(1),
        }),
      ],
    },
  ],
  'dlq archive': [
    {
      run: 'dlq archive --older-than 0 --yes',
      lines: [summary({ archived: whole, notDeleted: z.literal(0), unseen: z.literal(0) })],
    },
  ],
  convert: [
    {
      run: 'convert @photos --out @out --concurrency 1',
      code: 1,
      lines: [converted, failed, summary({ ...fourCounts, seconds: z.number() })],
    },
  ],
};

/** Tested elsewhere: `millraceStart` reads its line. */
const ELSEWHERE = ['start'];

let started: Started;
let folder: TestFolder;
beforeAll(async () => {
  [started, folder] = await Promise.all([millraceStart('--concurrency', '1'), createTestFolder()]);
  await folder.image('photos/a.png');
  await folder.file('photos/b.jpg', 'I am no photo');
});
afterAll(async () => {
  await started.end('SIGTERM');
  await folder.remove();
});

function withJson(command: Command, before: readonly string[] = []): string[] {
  return command.commands.flatMap((each) => {
    const words = [...before, each.name()];
    const own = each.options.some(({ long }) => long === '--json') ? [words.join(' ')] : [];
    return [...own, ...withJson(each, words)];
  });
}

it('every command has --json and is tested here', async () => {
  expect([...Object.keys(CASES), ...ELSEWHERE].toSorted()).toEqual(
    withJson(await createProgram()).toSorted(),
  );
});

it.each(Object.values(CASES).flat())(
  'millrace $run --json prints only JSON lines',
  async ({ run, code = 0, lines }) => {
    const words = run.split(' ').map((word) => word.replace(/^@/, `${folder.path}/`));
    const environment = run.startsWith('convert') ? {} : { MILLRACE_ENDPOINT: started.url };
    const finished = await finish(spawnCommand([...words, '--json'], environment));
    expect(finished).toMatchObject({ code });
    expect(finished.stdout).toMatch(/\n$/);
    const printed = jsonLines(finished.stdout);

    const any = z.union(lines);
    for (const each of printed) expect(any.safeParse(each).error, JSON.stringify(each)).toBeUndefined();
    for (const kind of lines)
      expect(
        printed.filter((each) => kind.safeParse(each).success),
        finished.stdout,
      ).not.toEqual([]);
    expect(lines.at(-1)?.safeParse(printed.at(-1)).error).toBeUndefined();
  },
);
