import { dirtyMessage } from '../../src/core/notification.ts';
import type { Invariants } from './invariants.ts';
import { backfillStale } from './operations/backfill.ts';
import type { RedriveAll } from './operations/redrive-all.ts';
import type { Operators } from './operators.ts';
import type { Action } from './scenario.ts';
import type { World } from './world.ts';

interface Actors {
  world: World;
  operators: Operators;
  redriveAll: RedriveAll;
  invariants: Invariants;
}

/** Does what a scenario says, at once but for operations, which take their time, and answers it in words. */
export function act(action: Action, { world, operators, redriveAll, invariants }: Actors): string {
  switch (action.kind) {
    case 'upload':
      world.put(world.uploads, action.key, Buffer.from(action.content));
      return `${action.content} is uploaded to ${action.key}`;
    case 'delete':
      world.s3.delete(world.uploads, action.key, undefined, {});
      return `${action.key} is deleted`;
    case 'delete results':
      for (const key of invariants.forget(action.key)) world.s3.delete(world.results, key, undefined, {});
      world.sqs.send(world.conversion, {
        body: dirtyMessage({ bucket: world.uploads.name, key: action.key }),
      });
      return `the results of ${action.key} are deleted and asked for again`;
    case 'junk':
      world.junkSent += 1;
      world.sqs.send(world.conversion, { body: '{"no":"notification"}' });
      return 'junk is sent';
    case 'redrive':
      return operators.start('redrives all dead letters', redriveAll.run);
    case 'backfill':
      return operators.start('runs a backfill, also of stale results', backfillStale);
  }
}
