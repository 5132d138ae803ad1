import { markdownTable } from '../support/markdown-table.ts';
import type { Seen, SeenOrphans } from '../support/views.ts';

/** Which of an upload's objects exist. */
export interface Present {
  source: boolean;
  result: boolean;
  report: boolean;
  message: boolean;
}

/** What views show in several equivalent states. Each column is for views that show the same. */
export interface Detail {
  state: string;
  seen: Seen;
}

const LISTING_VIEWS = ['status PREFIX', 'GET /batches', 'pages'] as const;
const EXACT_VIEWS = ['status KEY', 'GET /objects', 'status PREFIX --verify'] as const;
const BACKFILLS = ['backfill', 'backfill --stale', 'backfill --by-listing'] as const;
const ORPHANS = ['status --orphans', 'backfill --orphans'] as const;
const VIEWS = [...LISTING_VIEWS, ...EXACT_VIEWS, ...BACKFILLS, ...ORPHANS] as const;

const code = (view: string) => (view === 'pages' ? view : `\`${view}\``);
const codes = (views: readonly string[]) => views.map(code).join(', ');

/** A state in which all views show the same, in one cell. */
export interface Ignored {
  state: string;
  seen: Seen & SeenOrphans;
}

/** Returns the text of docs/states.md. */
export function statesDocument(
  states: readonly { present: Present; seen: Seen & SeenOrphans }[],
  details: readonly Detail[],
  ignored: readonly Ignored[],
): string {
  return `# What each view says, in each state

An upload's state lies in the buckets: its **source**, its **results**, its **failure report**. No view looks into the queues, so a **message** changes no answer. \`backfill\` may queue an upload that has a message already; the worker then finds a current result and stores nothing.

\`test/ops/states.test.ts\` made this page: it puts a pipeline into each state and asks every view over HTTP. \`npx vitest run test/ops/states.test.ts -u\` makes it anew.

## The sixteen states

Result and report are of the current version of the source, under the recipe in force; the report is final and older than the result. \`backfill\` has a dry run: what it would queue, or delete with \`--orphans\`.

${markdownTable(
  ['source', 'result', 'report', 'message', ...VIEWS.map(code)],
  states.map(({ present: { source, result, report, message }, seen }) => [
    ...[source, result, report, message].map((is) => (is ? 'yes' : '')),
    ...VIEWS.map((view) => seen[view]),
  ]),
)}
A result or a failure report without a source is an **orphan**. No other view shows it: it is under a key that no upload has. An object that is no result of this pipeline is none; \`--orphans\` counts it as \`unknown\` and leaves it alone. With \`"whenDeleted": "delete"\`, the worker deletes orphans; the next reconciliation queues any that are left.

## When result or report are of something else

${codes(LISTING_VIEWS)} and \`backfill --by-listing\` go by keys and dates and say so in JSON: \`"basis": "listings"\`. ${codes(EXACT_VIEWS)} and \`backfill\` ask each object: \`"basis": "objects"\`. What differs is **bold**.

${markdownTable(
  ['state', codes(LISTING_VIEWS), codes(EXACT_VIEWS), ...BACKFILLS.map(code)],
  details.map(({ state, seen }) => {
    const exact = same(EXACT_VIEWS, seen);
    const listed = same(LISTING_VIEWS, seen);
    return [
      state,
      listed === exact ? listed : `**${listed}**`,
      exact,
      ...BACKFILLS.map((view) => seen[view]),
    ];
  }),
)}
Where dates leave a doubt (a result of the same second as the upload, an upload in parts, a report of the last hours or beside results), the views by listings ask the objects too. So they tell a report of a deleted version from one of the current version at first, and say \`failed\` once the report is older than any attempt can last.

## When there is nothing to convert

A **folder placeholder** has no bytes and a key that ends in \`/\`. An **ignored name** matches the recipe's \`ignore\`: \`.DS_Store\`, \`._*\`, \`Thumbs.db\` and \`desktop.ini\` by default. The key and the size decide, so all views agree, whatever else is under the key. A result from before stays where it is until the upload is deleted; then it is an orphan ([ADR 23](adr/0023-nothing-to-convert.md)).

${markdownTable(
  ['state', 'every view of uploads', 'every `backfill`', 'orphans'],
  ignored.map(({ state, seen }) => [
    state,
    same([...LISTING_VIEWS, ...EXACT_VIEWS], seen),
    same(BACKFILLS, seen),
    same(ORPHANS, seen),
  ]),
)}
## When the rules have changed

The key of an upload decides which rule applies and what its results are called ([ADR 28](adr/0028-the-key-decides-the-conversion.md)). When a rule is added, removed, reordered or changed, every view goes by the present rules:

- An upload that lacks a result which its present rule names is \`pending\`, in every view. The scheduled reconciliation queues it, and so does every \`backfill\`.
- A result of the former rule under a name that the present rule uses, too, is \`converted\`, stale: \`backfill --stale\` replaces it.
- A result under a name that only a former rule gave is a **former** result. No view of uploads shows it, and it is no orphan, because its upload is there. \`status --former\` lists it with its upload, and \`backfill --former\` deletes it, on request only. \`test/ops/views-by-rules.test.ts\` takes a pipeline through such changes.
`;
}

function same<View extends string>(views: readonly View[], seen: Readonly<Record<View, string>>): string {
  const answers = new Set(views.map((view) => seen[view]));
  if (answers.size !== 1) throw new Error(`${views.join(', ')} differ: ${JSON.stringify(seen)}`);
  return [...answers].join('');
}
