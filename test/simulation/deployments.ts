import type { Random } from '@millrace/local-aws/models';
import { ENV } from '../../src/core/env.ts';
import { BUCKETS } from '../../src/local/resources.ts';
import { readConfig, type Config } from '../../src/worker/config.ts';
import type { RecipeName, Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** A recipe that was deployed, and when: its place in the order of all of them is its number. */
export interface Deployed {
  number: number;
  recipe: RecipeName;
  config: Config;
}

/** The deployments of a scenario, one after the other. */
export interface Deployments {
  readonly current: Deployed;
  /** Deploys a recipe. Lambda invokes the old version for another few invocations. */
  deploy(recipe: RecipeName, overlap: number): string;
  /** The version before is invoked no more. */
  finish(): void;
  /** Which version of the function Lambda invokes next. */
  next(): Deployed;
}

const QUALITY: Record<RecipeName, number> = { A: 72, B: 50 };

export function createDeployments(scenario: Scenario, world: World, random: Random): Deployments {
  let before: Deployed | undefined;
  let generation = 0;
  let overlapping = 0;

  function make(number: number, recipe: RecipeName): Deployed {
    // As the deployment gives it: the time, and always a later one.
    generation = Math.max(generation + 1, world.clock.now());
    return { number, recipe, config: configOf(scenario, recipe, generation) };
  }

  let current = make(1, 'A');
  return {
    get current() {
      return current;
    },

    deploy(recipe, overlap) {
      // What does not change has the generation that it had.
      if (recipe === current.recipe) return `${recipe} is deployed again, and nothing changes`;
      if (current.number > 1) world.met('a roll-back to an earlier recipe');
      before = current;
      overlapping = overlap;
      current = make(current.number + 1, recipe);
      return `${recipe} is deployed`;
    },

    finish: () => void (overlapping = 0),

    next() {
      if (before === undefined || overlapping === 0 || random() < 0.5) return current;
      overlapping -= 1;
      return before;
    },
  };
}

/** What the worker is told of a deployment. */
export function configOf(
  { renditions, deleting }: Pick<Scenario, 'renditions' | 'deleting'>,
  recipe: RecipeName,
  generation: number,
): Config {
  const names = ['web', 'small'].slice(0, renditions);
  return readConfig({
    [ENV.uploadBuckets]: BUCKETS.uploads,
    [ENV.resultBucket]: BUCKETS.results,
    [ENV.failureBucket]: BUCKETS.failures,
    [ENV.conversionQueueUrl]: 'conversion',
    [ENV.retryQueueUrl]: 'retry',
    [ENV.retryQueueArn]: 'arn:aws:sqs:us-east-1:0:retry',
    [ENV.deadLetterQueueUrl]: 'dead',
    [ENV.idempotencyTable]: 'idempotency',
    [ENV.recipe]: JSON.stringify({
      renditions: names.map((name) => ({ name, quality: QUALITY[recipe] })),
      whenDeleted: deleting ? 'delete' : 'keep',
    }),
    [ENV.generation]: String(generation),
    [ENV.maxAttempts]: '5',
    [ENV.conversions]: '2',
  });
}
