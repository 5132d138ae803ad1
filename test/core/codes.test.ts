import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { ALARMS } from '../../src/core/alarms.ts';
import { CODES } from '../../src/core/codes.ts';

it('every error code has a heading in the runbook, and every heading is a code', async () => {
  const runbook = await readFile('docs/runbook.md', 'utf8');
  const headings = [...runbook.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(new Set(headings)).toEqual(new Set([...Object.keys(ALARMS), ...Object.keys(CODES)]));
  expect(headings).toHaveLength(Object.keys(ALARMS).length + Object.keys(CODES).length);
});
