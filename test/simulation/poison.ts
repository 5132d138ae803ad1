import { seededRandom, type Random } from '@millrace/local-aws/models';
import { withVirtualTime } from './clock.ts';
import { consumeNaively } from './naive.ts';
import { FAULTS, type Action, type Scenario } from './scenario.ts';
import { simulate } from './simulate.ts';
import { TIMING } from '../support/timing.ts';

/** How many healthy and poison objects ended in the dead-letter queue. */
export interface PoisonFigures {
  innocents: number;
  poison: number;
  /** With the two lanes. */
  deadInnocents: number;
  deadPoison: number;
  /** With the naive batch consumer, with messages in the order of sending, or in any order. */
  naiveInOrder: number;
  naiveInAnyOrder: number;
}

const RUNS = 10;
const UPLOADS = 100;

/** Runs the production worker and the naive consumer on the same uploads, without faults other than the poison. */
export async function poisonFigures(share: number): Promise<PoisonFigures> {
  const figures = {
    innocents: 0,
    poison: 0,
    deadInnocents: 0,
    deadPoison: 0,
    naiveInOrder: 0,
    naiveInAnyOrder: 0,
  };
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const random = seededRandom(seed);
    const keys = Array.from({ length: UPLOADS }, (_, index) => `${index}.jpg`);
    const poison = new Set(keys.filter(() => random() < share));
    const innocents = (dead: readonly string[]) => dead.filter((key) => !poison.has(key)).length;
    const { violation, deadLettered } = await withVirtualTime(() => simulate(scenario(seed, keys, poison)));
    if (violation !== undefined) throw new Error(`seed ${seed} with ${share} of poison: ${violation}`);
    const naively = (order: 'sent' | Random) =>
      withVirtualTime(() => Promise.resolve(consumeNaively(keys, poison, TIMING.batchSize, order)));
    figures.innocents += keys.length - poison.size;
    figures.poison += poison.size;
    figures.deadInnocents += innocents(deadLettered);
    figures.deadPoison += deadLettered.length - innocents(deadLettered);
    figures.naiveInOrder += innocents(await naively('sent'));
    figures.naiveInAnyOrder += innocents(await naively(random));
  }
  return figures;
}

function scenario(seed: number, keys: readonly string[], poison: ReadonlySet<string>): Scenario {
  return {
    seed,
    schedule: 'uniform',
    haste: 0.1,
    versioned: true,
    stamped: true,
    deleting: false,
    naming: 'own',
    conversionSeconds: 0,
    renditions: 1,
    concurrency: 2,
    batchSize: TIMING.batchSize,
    actions: keys.map((key): Action => ({ kind: 'upload', key, content: poison.has(key) ? 'poison' : 'X' })),
    rates: Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Scenario['rates'],
    faultBudget: 0,
  };
}
