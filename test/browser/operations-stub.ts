import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { BrowserContext, Route } from 'playwright-core';
import type * as z from 'zod';
import { groupsSchema, letterDetailSchema, lettersSchema } from '../../src/contract/dead-letters.ts';
import { purgedSchema, purgeRequestSchema } from '../../src/contract/purges.ts';
import { redriveRequestSchema, redriveSchema, redrivesSchema } from '../../src/contract/redrives.ts';
import { summarySchema } from '../../src/contract/summary.ts';
import { filterSchema, type FilterRequest } from '../../src/core/dead-letter-filter.ts';
import { retryCanHelp } from '../../src/core/codes.ts';
import { groupByCode } from '../../src/ops/dead-letters/groups.ts';
import { filterOfRequest, matches } from '../../src/ops/dead-letters/filter.ts';
import { PHOTOS } from '../support/images.ts';

export type Letter = z.infer<typeof letterDetailSchema>;
export type Redrive = z.infer<typeof redriveSchema>;

const RETENTION_SECONDS = 14 * 86_400;
const HOUR = 3_600_000;

/** Returns a dead letter as in the API, sent this many hours ago. */
export function letterOf(
  code: string,
  key: string,
  change: Partial<Letter> & { hours?: number } = {},
): Letter {
  const { hours = 1, ...rest } = change;
  const sent = Date.now() - hours * HOUR;
  const id = rest.id ?? randomUUID();
  return {
    id,
    code,
    message: `the reason of ${code}`,
    attempts: 1,
    objects: [{ bucket: 'uploads', key, versionId: 'v1' }],
    sentAt: new Date(sent).toISOString(),
    expiresAt: new Date(sent + RETENTION_SECONDS * 1000).toISOString(),
    body: JSON.stringify({ Records: [{ s3: { object: { key } } }] }),
    attributes: { code: { type: 'String', value: code } },
    retryCanHelp: retryCanHelp({ code, attempts: rest.attempts ?? 1 }),
    report: { code, logGroup: '/millrace/worker', logStream: `stream-of-${id}`, requestId: `request-${id}` },
    ...rest,
  };
}

/** The API's responses under `/ops`, from the test's data. Each is checked against the contract. */
export interface OperationsStub {
  letters: Letter[];
  redrives: Redrive[];
  moveTasks: z.infer<typeof redrivesSchema>['moveTasks'];
  summary: Partial<z.infer<typeof summarySchema>>;
  /** The server's time; by default, the machine's. */
  now?: number;
  /** Responds to everything with this status, or breaks the connection. */
  failing?: 403 | 500 | 'broken' | undefined;
  /** How many lists of dead letters fail. */
  failingLists: number;
  /** Requests so far, such as `GET /ops/summary`. */
  readonly asked: string[];
  /** Bodies of requests that change something. */
  readonly bodies: unknown[];
}

/** Responds to the page's requests instead of the API. */
export async function stubOperations(context: BrowserContext, url: string): Promise<OperationsStub> {
  const stub: OperationsStub = {
    letters: [],
    redrives: [],
    moveTasks: [],
    failingLists: 0,
    summary: {},
    asked: [],
    bodies: [],
  };
  const preview = await readFile(PHOTOS[0] ?? '');

  function meant(filter: FilterRequest): Letter[] {
    const parts = filterOfRequest(filter);
    return stub.letters.filter((letter) => {
      const { sentAt, objects } = letter;
      return matches({ ...letter, sentAt: new Date(sentAt), objects: objects as never }, parts);
    });
  }

  async function groupsOf(letters: Letter[]) {
    const read = letters.map((letter) => {
      return { ...letter, sentAt: new Date(letter.sentAt), objects: letter.objects as never };
    });
    return { groups: await groupByCode(read, RETENTION_SECONDS), total: letters.length, complete: true };
  }

  function find(id: string): Redrive {
    const found = stub.redrives.find((redrive) => redrive.id === id);
    if (found === undefined) throw new Error(`the page asks for a redrive ${id} that there is not`);
    return found;
  }

  function begin({ filter, reason }: z.infer<typeof redriveRequestSchema>): Redrive {
    const now = new Date().toISOString();
    const redrive: Redrive = {
      version: 1,
      id: `redrive-${stub.redrives.length + 1}`,
      state: 'running',
      who: 'tester',
      why: reason,
      what: `dead letters of ${filter.code ?? filter.key ?? 'all codes'}`,
      startedAt: now,
      updatedAt: now,
      cancelRequested: false,
      counts: { moved: 0, converted: 0, failedAgain: 0, gone: 0, pending: 0 },
    };
    stub.redrives = [redrive, ...stub.redrives];
    return redrive;
  }

  function purge({ ids }: z.infer<typeof purgeRequestSchema>) {
    const before = stub.letters.length;
    const set = new Set(ids);
    stub.letters = stub.letters.filter(({ id }) => !set.has(id));
    const deleted = before - stub.letters.length;
    return { deleted, missing: ids.length - deleted };
  }

  async function answer(route: Route): Promise<void> {
    const request = route.request();
    const { pathname, searchParams } = new URL(request.url());
    const asked = `${request.method()} ${pathname}`;
    stub.asked.push(asked);
    if (stub.failing === 'broken') return route.abort('connectionrefused');
    if (stub.failing !== undefined)
      return route.fulfill({
        status: stub.failing,
        contentType: 'application/json',
        body: '{"message":"no"}',
      });
    const json = (schema: z.ZodType, value: unknown, status = 200) =>
      route.fulfill({ status, json: schema.parse(value) });
    const body: unknown = request.method() === 'POST' ? request.postDataJSON() : undefined;
    const filter = pathname.startsWith('/ops/dead-letters')
      ? filterSchema.parse(Object.fromEntries(searchParams))
      : {};
    const [, , , id = ''] = pathname.split('/').map(decodeURIComponent);
    if (asked === 'GET /ops/summary') return json(summarySchema, summaryOf(stub));
    if (asked === 'GET /ops/dead-letters') return json(groupsSchema, await groupsOf(meant(filter)));
    if (asked === 'GET /ops/dead-letters/list' && stub.failingLists > 0) {
      stub.failingLists -= 1;
      return route.fulfill({ status: 502, contentType: 'application/json', body: '{"message":"no"}' });
    }
    if (asked === 'GET /ops/dead-letters/list')
      return json(lettersSchema, { letters: meant(filter), complete: true });
    if (asked === 'GET /ops/dead-letters/export')
      return route.fulfill({
        contentType: 'application/x-ndjson',
        body: meant(filter)
          .map((letter) => `${JSON.stringify(letter)}\n`)
          .join(''),
      });
    if (asked.endsWith('/source')) return route.fulfill({ contentType: 'image/jpeg', body: preview });
    if (asked.startsWith('GET /ops/dead-letters/'))
      return json(
        letterDetailSchema,
        stub.letters.find((letter) => letter.id === id),
      );
    if (asked === 'GET /ops/redrives')
      return json(redrivesSchema, { redrives: stub.redrives, moveTasks: stub.moveTasks });
    if (asked.startsWith('GET /ops/redrives/')) return json(redriveSchema, find(id));
    stub.bodies.push(body);
    if (asked === 'POST /ops/redrives') {
      const wanted = redriveRequestSchema.parse(body);
      if (wanted.plan) return json(groupsSchema, await groupsOf(meant(wanted.filter)));
      return json(redriveSchema, begin(wanted), 202);
    }
    if (asked.endsWith('/cancel')) {
      const redrive = find(id);
      redrive.cancelRequested = true;
      return json(redriveSchema, redrive);
    }
    if (asked === 'POST /ops/purges') return json(purgedSchema, purge(purgeRequestSchema.parse(body)));
    throw new Error(`the page asks for ${asked}`);
  }

  await context.route(`${url}/ops/**`, answer);
  return stub;
}

function summaryOf({ letters, summary, now = Date.now() }: OperationsStub): z.infer<typeof summarySchema> {
  const none = { visible: 0, inFlight: 0, delayed: 0 };
  const begun = Math.floor(now / 60_000) * 60_000;
  return {
    deadLetters: letters.length,
    queueName: 'millrace-dead-letters',
    retentionSeconds: RETENTION_SECONDS,
    queues: { conversion: none, retry: none },
    minutes: Array.from({ length: 60 }, (_, index) => {
      const at = new Date(begun - (59 - index) * 60_000).toISOString();
      return { at, converted: index, rejected: 1, failed: 2 };
    }),
    alarm: letters.length > 0 ? 'alarm' : 'ok',
    ...summary,
  };
}
