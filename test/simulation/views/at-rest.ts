import type { S3Client } from '@aws-sdk/client-s3';
import { countBatch, pageOfBatch } from '../../../src/api/batch-view.ts';
import type { Deployments } from '../deployments.ts';
import type { World } from '../world.ts';
import { possibleStates } from './possible-states.ts';
import { createVerdicts } from './verdicts.ts';
import { openWindow } from './window.ts';

/** What the batch view says of all uploads at rest: a violation, if any, and each upload's state. */
export interface Shown {
  violation: string | undefined;
  states: ReadonlyMap<string, string>;
}

interface Deps {
  world: World;
  s3: S3Client;
  deployments: Deployments;
}

const LIMIT = 2;

/** Reads the counts of all uploads and every page, and compares them with each other and with what is stored. */
export async function batchViewAtRest({ world, s3, deployments }: Deps): Promise<Shown> {
  const { config } = deployments.current;
  const window = openWindow(world);
  const possible = possibleStates(world, deployments.current, window);
  const verdicts = createVerdicts(world, window, possible);
  const scope = { s3, deployment: config };
  const counts = await countBatch(scope, '');
  let violation = verdicts.onCounts(counts, '');
  const states = new Map<string, string>();
  const seen = { converted: 0, failed: 0, pending: 0, ignored: 0 };
  let after: string | undefined;
  do {
    const request = { prefix: '', limit: LIMIT, ...(after === undefined ? {} : { after }) };
    const page = await pageOfBatch(scope, '', request);
    violation ??= verdicts.onPage(page, { of: 'page', ...request });
    for (const { key, state } of page.objects) {
      if (states.has(key)) violation ??= `${key} is listed twice`;
      states.set(key, state);
      seen[state] += 1;
    }
    if (page.next === after && after !== undefined)
      return { violation: `the page after ${after} is itself`, states };
    after = page.next;
  } while (after !== undefined);
  for (const [state, count] of Object.entries(seen))
    if (counts[state as keyof typeof seen] !== count)
      violation ??= `a batch counts ${counts[state as keyof typeof seen]} as ${state}, and its pages have ${count}`;
  return { violation, states };
}
