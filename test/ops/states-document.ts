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
  return `# What each view shows for each state

The state of an upload is stored in the buckets: its **source**, its **results** and its **failure report**. No view reads the queues, so a **message** in a queue does not change what a view shows. \`backfill\` may queue an upload that already has a message; the worker then finds a current result and stores nothing.

\`test/ops/states.test.ts\` generates this page: it creates each state in a pipeline and queries every view over HTTP. To update the page, run \`npx vitest run test/ops/states.test.ts -u\`.

## The sixteen states

In this table, the result and the report belong to the current version of the source and to the current recipe, and the report is final and older than the result. The columns for \`backfill\` show what a dry run reports: what it would queue or, with \`--orphans\`, delete. The pages show what \`GET /batches/{id}/objects\` returns.

${markdownTable(
  ['source', 'result', 'report', 'message', ...VIEWS.map(code)],
  states.map(({ present: { source, result, report, message }, seen }) => [
    ...[source, result, report, message].map((is) => (is ? 'yes' : '')),
    ...VIEWS.map((view) => seen[view]),
  ]),
)}
A result or failure report without a source is an **orphan**. Only the \`--orphans\` views show it, because no upload has its key. An object that is not a result of this pipeline is not an orphan; \`--orphans\` counts it as \`unknown\` and does not delete it. With \`"whenDeleted": "delete"\`, the worker deletes orphans, and the next reconciliation queues any that remain.

## When the result or report belongs to another version or recipe

${codes(LISTING_VIEWS)} and \`backfill --by-listing\` rely on keys and dates; their JSON contains \`"basis": "listings"\`. ${codes(EXACT_VIEWS)} and \`backfill\` check each object; their JSON contains \`"basis": "objects"\`. What listings show differently is in **bold**.

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
Sometimes, dates are not enough: for a result from the same second as the upload, a multipart upload, a report from the last few hours, or a report beside results. Views that rely on listings then check the objects, too. They can therefore distinguish a report of a deleted version from a report of the current version at first, but show \`failed\` once the report is older than any attempt can last.

## When there is nothing to convert

A **folder placeholder** is an empty object whose key ends in \`/\`. An **ignored name** matches the recipe's \`ignore\`, by default \`.DS_Store\`, \`._*\`, \`Thumbs.db\` and \`desktop.ini\`. Only the key and the size matter, so all views agree, whether or not the key has a result or a report. An earlier result stays until the upload is deleted, and is then an orphan ([ADR 23](adr/0023-nothing-to-convert.md)).

${markdownTable(
  ['state', 'every view of uploads', 'every `backfill`', 'orphans'],
  ignored.map(({ state, seen }) => [
    state,
    same([...LISTING_VIEWS, ...EXACT_VIEWS], seen),
    same(BACKFILLS, seen),
    same(ORPHANS, seen),
  ]),
)}
## When the rules change

An upload's key determines which rule applies to it and how its results are named ([ADR 28](adr/0028-the-key-decides-the-conversion.md)). When you add, remove, reorder or change a rule, every view uses the current rules:

- If an upload lacks a result of its current rule, every view shows it as \`pending\`. The scheduled reconciliation and every \`backfill\` queue it.
- If a result of the former rule has a name that the current rule also uses, the upload is \`converted\`, stale. \`backfill --stale\` replaces the result.
- If only a former rule used a result's name, it is a **former** result. No view of uploads shows it, and it is not an orphan, because its upload still exists. \`status --former\` lists it with its upload; to delete it, run \`backfill --former\`.

\`test/ops/views-by-rules.test.ts\` tests such changes.
`;
}

function same<View extends string>(views: readonly View[], seen: Readonly<Record<View, string>>): string {
  const answers = new Set(views.map((view) => seen[view]));
  if (answers.size !== 1) throw new Error(`${views.join(', ')} differ: ${JSON.stringify(seen)}`);
  return [...answers].join('');
}
