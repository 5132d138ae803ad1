import { countBatch, pageOfBatch } from '../../../src/api/batch-view.ts';
import type { OpsContext } from '../../../src/ops/context.ts';
import { objectStatus } from '../../../src/ops/object-status.ts';
import type { Deployments } from '../deployments.ts';
import type { Operators } from '../operators.ts';
import type { World } from '../world.ts';
import { possibleStates } from './possible-states.ts';
import { createVerdicts } from './verdicts.ts';
import type { View } from './view.ts';
import { openWindow } from './window.ts';

/** Requests to the API for the state of uploads, while others change it. */
export interface Views {
  /** Starts one. Returns its description. */
  begin(view: View): string;
}

interface ViewsDeps {
  world: World;
  deployments: Deployments;
  operators: Operators;
  onViolation(text: string): void;
}

const MET = {
  counts: 'a batch is counted midway',
  page: 'a page of a batch is viewed midway',
  object: 'an object is viewed midway',
} as const;

export function createViews({ world, deployments, operators, onViolation }: ViewsDeps): Views {
  return {
    begin: (view) =>
      operators.start(`views ${JSON.stringify(view)}`, async (ops) => {
        const window = openWindow(world);
        const possible = possibleStates(world, deployments.current, window);
        const verdicts = createVerdicts(world, window, possible);
        const violation = await ask(ops, view, verdicts);
        if (violation !== undefined) onViolation(violation);
        world.met(MET[view.of]);
        const keys = [...world.history.keys()];
        world.met(
          'an upload that changed during a view',
          keys.filter((key) => window.sources(key).length > 1).length,
        );
        world.met(
          'an upload that was certainly converted or failed during a view',
          keys.filter((key) => {
            const states = possible.of(key, 'listings');
            return states.size === 1 && !states.has('pending') && !states.has('absent');
          }).length,
        );
      }),
  };

  async function ask(
    { s3, deployment }: OpsContext,
    view: View,
    verdicts: ReturnType<typeof createVerdicts>,
  ): Promise<string | undefined> {
    switch (view.of) {
      case 'counts':
        return verdicts.onCounts(await countBatch({ s3, deployment }, view.prefix), view.prefix);
      case 'page':
        return verdicts.onPage(await pageOfBatch({ s3, deployment }, view.prefix, view), view);
      case 'object':
        return verdicts.onObject(
          await objectStatus(s3, deployment, { bucket: world.uploads.name, key: view.key }),
        );
    }
  }
}
