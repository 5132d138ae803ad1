import * as z from 'zod';
import { millraceHere } from './command-here.ts';
import type { TestPipeline } from './pipeline.ts';

/** What each view shows for an upload that is alone in its batch. */
export interface Seen {
  'status PREFIX': string;
  'GET /batches': string;
  /** The pages' list: `GET /batches/{batch}/objects`. */
  pages: string;
  'status KEY': string;
  'GET /objects': string;
  'status PREFIX --verify': string;
  /** Whether it would be queued. */
  backfill: string;
  'backfill --stale': string;
  'backfill --by-listing': string;
}

/** Which objects of an upload each orphan view lists or would delete: its result, its failure report. */
export interface SeenOrphans {
  'status --orphans': string;
  'backfill --orphans': string;
}

interface Alone {
  batch: string;
  key: string;
}

const STATES = ['converted', 'failed', 'pending', 'ignored'] as const;
const state = z.enum(STATES);
const counts = z.object({
  converted: z.int(),
  failed: z.int(),
  pending: z.int(),
  ignored: z.int(),
  stale: z.int().optional(),
});
const byListings = z.object({ basis: z.literal('listings') });
const byObjects = z.object({ basis: z.literal('objects') });
const one = byObjects.extend({
  status: z.enum([...STATES, 'unknown']),
  stale: z.boolean().optional(),
});

const orphans = byObjects.extend({ results: z.int(), reports: z.int() });

function orphansOf(summary: unknown): string {
  const { results, reports } = orphans.parse(summary);
  const found = [...(results > 0 ? ['result'] : []), ...(reports > 0 ? ['report'] : [])];
  return found.join(', ') || 'no';
}

const named = (what: string, stale = false) => (stale ? `${what}, stale` : what);

/** Returns the only upload's state from its batch's counts. */
function ofCounts({ stale = 0, ...all }: z.infer<typeof counts>): string {
  const found = STATES.filter((each) => all[each] > 0);
  if (found.length > 1) throw new Error(`the batch has several uploads: ${JSON.stringify(all)}`);
  return named(found[0] ?? 'not listed', stale > 0);
}

/** Runs a command and returns the last JSON line that it prints. */
async function lastLine(url: string, ...args: string[]): Promise<unknown> {
  const { stdout, stderr } = await millraceHere(...args, '--json', '--endpoint', url);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as unknown;
}

/** Queries the orphan views about an upload. */
export async function askOrphans({ url }: Pick<TestPipeline, 'url'>, { batch }: Alone): Promise<SeenOrphans> {
  const prefix = `batches/${batch}/`;
  return {
    'status --orphans': orphansOf(await lastLine(url, 'status', prefix, '--orphans')),
    'backfill --orphans': orphansOf(await lastLine(url, 'backfill', prefix, '--orphans', '--dry-run')),
  };
}

/** Queries every view about an upload; each must state its basis. */
export async function askAll({ url }: Pick<TestPipeline, 'url'>, { batch, key }: Alone): Promise<Seen> {
  const command = (...args: string[]) => lastLine(url, ...args);
  const get = async (path: string) => (await fetch(url + path)).json();
  const prefix = `batches/${batch}/`;

  const single = one.parse(await get(`/objects/${key}`));
  const { objects } = byListings
    .extend({ objects: z.array(z.object({ state })) })
    .parse(await get(`/batches/${batch}/objects`));
  const backfill = async (basis: z.ZodObject, ...options: string[]) => {
    const summary = await command('backfill', prefix, '--dry-run', ...options);
    const { found } = basis.extend({ found: z.int() }).parse(summary);
    return found === 0 ? 'no' : 'queued';
  };
  return {
    'status PREFIX': ofCounts(byListings.extend(counts.shape).parse(await command('status', prefix))),
    'GET /batches': ofCounts(byListings.extend(counts.shape).parse(await get(`/batches/${batch}`))),
    pages: objects[0]?.state ?? 'not listed',
    'status KEY': await statusOfKey(),
    'GET /objects': named(single.status, single.stale),
    'status PREFIX --verify': ofCounts(
      byObjects.extend(counts.shape).parse(await command('status', prefix, '--verify')),
    ),
    backfill: await backfill(byObjects),
    'backfill --stale': await backfill(byObjects, '--stale'),
    'backfill --by-listing': await backfill(byListings, '--by-listing'),
  };

  async function statusOfKey(): Promise<string> {
    const answer = await command('status', key);
    // A key without an upload is taken as a prefix.
    const summary = z
      .object({ type: z.literal('summary') })
      .extend(counts.shape)
      .safeParse(answer);
    if (summary.success) return ofCounts(summary.data);
    const { status, stale } = one.parse(answer);
    return named(status, stale);
  }
}
