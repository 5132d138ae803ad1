import { dirtyMessage } from '../../src/core/notification.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Deployments } from './deployments.ts';
import type { Invariants } from './invariants.ts';
import type { Lambda } from './lambda.ts';
import { backfill } from './operations/backfill.ts';
import type { Operations } from './operations/operations.ts';
import type { RedriveAll } from './operations/redrive-all.ts';
import type { Operators } from './operators.ts';
import type { Action } from './scenario.ts';
import { changeVersions } from './versions.ts';
import type { Removals } from './orphans/removals.ts';
import type { Views } from './views/views.ts';
import type { World } from './world.ts';

interface Actors {
  world: World;
  operators: Operators;
  redriveAll: RedriveAll;
  operations: Operations;
  views: Views;
  removals: Removals;
  invariants: Invariants;
  acknowledgements: Acknowledgements;
  deployments: Deployments;
  lambda: Lambda;
}

/** Performs a scenario's action and describes it. Takes effect immediately, except for operations, which take time. */
export function act(action: Action, actors: Actors): string {
  const { world, operators, redriveAll, operations, views, removals, invariants } = actors;
  const { acknowledgements, deployments, lambda } = actors;
  switch (action.kind) {
    case 'upload':
      world.upload(action.key, action.content);
      if (world.sources.versioning === 'suspended') world.met('an upload while versioning is suspended');
      return `${action.content} is uploaded to ${action.key}`;
    case 'delete':
      world.remove(world.uploads, action.key);
      return `${action.key} is deleted`;
    case 'delete version':
    case 'undelete':
    case 'versioning':
    case 'expire':
      return changeVersions(action, world);
    case 'deploy':
      if (lambda.busy().length > 0 && action.recipe !== deployments.current.configuration.name)
        world.met('a deployment while invocations of the one before are at work');
      return deployments.deploy(action.recipe, action.overlap);
    case 'delete results':
      acknowledgements.forget(action.key);
      for (const key of invariants.forget(action.key)) world.remove(world.results, key);
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
      return operators.start(
        'runs a backfill, also of stale results',
        backfill({ stale: true, failed: false }),
      );
    case 'operation':
      return operations.begin(action.operation);
    case 'remove orphans':
      return removals.begin();
    case 'view':
      return views.begin(action.view);
  }
}
