import { existsSync, readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { expect, it } from 'vitest';

const document = readFileSync('docs/deploy.md', 'utf8');
const operators = document.split('\n').filter((line) => line.startsWith('| who operates with the command'));

/** SDK commands whose permission has a different name. */
const ACTIONS: Record<string, string> = {
  HeadObject: 's3:GetObject',
  ListObjectsV2: 's3:ListBucket',
};
const SERVICES: Record<string, string> = {
  'client-s3': 's3',
  'client-sqs': 'sqs',
  'client-cloudwatch': 'cloudwatch',
  'client-cloudformation': 'cloudformation',
};
/** Files of `millrace convert`, which runs only on this machine, and of the API, whose role is in the template. */
const NOT_OF_OPERATORS = new Set(['src/cli/convert/watch-failures.ts', 'src/ops/invoke-function.ts']);

it('the document lists every permission that operating with the command requires', () => {
  const used = new Set<string>();
  for (const file of globSync(['src/ops/**/*.ts', 'src/cli/**/*.ts', 'src/core/compare-and-set.ts'])) {
    if (NOT_OF_OPERATORS.has(file)) continue;
    const source = readFileSync(file, 'utf8');
    for (const [, names = '', client = ''] of source.matchAll(
      /\{([^{}]*)\}\s*=?\s*(?:from|await import\()\s*'@aws-sdk\/(client-[a-z0-9]+)'/g,
    ))
      for (const [, paginate, command] of names.matchAll(/\bpaginate(\w+)|\b(\w+)Command\b/g)) {
        const name = (paginate ?? command ?? '').replace(/Batch$/, '');
        used.add(ACTIONS[name] ?? `${SERVICES[client]}:${name}`);
      }
  }
  expect(used.size).toBeGreaterThan(12);
  expect(operators).toHaveLength(1);
  for (const action of used) expect(operators[0]).toContain(`\`${action}\``);
  for (const file of NOT_OF_OPERATORS) expect(existsSync(file), file).toBe(true);
});

it('the files that it names exist', () => {
  const named = [...document.matchAll(/`((?:cdk|src|docs)\/[\w./-]+\.\w+)`/g)].map(([, path = '']) => path);
  expect(named).not.toEqual([]);
  for (const path of named) expect(existsSync(path), path).toBe(true);
});
