import type { Random } from '@millrace/local-aws/models';
import { ENV } from '../../src/core/env.ts';
import { BUCKETS } from '../../src/local/resources.ts';
import { readConfig, type Config } from '../../src/worker/config.ts';
import { OWN_CONVERSIONS, type Configuration, type RecipeName } from './configurations.ts';
import { expectedResults, type Expected } from './expected-results.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** A configuration that was deployed, and when: its place in the order of all of them is its number. */
export interface Deployed {
  number: number;
  configuration: Configuration;
  config: Config;
  /** What it makes of a key, as the checks know it. */
  expected(key: string): Expected;
}

/** The deployments of a scenario, one after the other. */
export interface Deployments {
  readonly current: Deployed;
  /** All so far, in their order. */
  readonly all: readonly Deployed[];
  /** Whether a result of the key may have no stamp. */
  mayLackStamp(key: string): boolean;
  /** Whether results of the key have other names in one deployment than in another. */
  movesResults(key: string): boolean;
  /** Deploys a configuration. Lambda invokes the old version for another few invocations. */
  deploy(recipe: RecipeName, overlap: number): string;
  /** The version before is invoked no more. */
  finish(): void;
  /** Which version of the function Lambda invokes next. */
  next(): Deployed;
}

const QUALITY: Partial<Record<RecipeName, number>> = { A: 72, B: 50 };

export function createDeployments(scenario: Scenario, world: World, random: Random): Deployments {
  let before: Deployed | undefined;
  let generation = 0;
  let overlapping = 0;

  function make(number: number, recipe: RecipeName): Deployed {
    // As the deployment gives it: the time, and always a later one.
    generation = Math.max(generation + 1, world.clock.now());
    const configuration = configurationOf(scenario, recipe);
    const config = configOf(scenario, recipe, generation);
    return {
      number,
      configuration,
      config,
      expected: expectedResults(configuration, config, scenario.stamped),
    };
  }

  let current = make(1, 'A');
  const all = [current];
  return {
    get current() {
      return current;
    },
    all,
    movesResults: (key) => new Set(all.map(({ expected }) => namesIn(expected(key)))).size > 1,
    mayLackStamp: (key) => all.some(({ expected }) => !expected(key).stamped),

    deploy(recipe, overlap) {
      const next = make(current.number + 1, recipe);
      // What does not change has the generation that it had.
      if (next.config.recipeId === current.config.recipeId)
        return `${recipe} is deployed again, and nothing changes`;
      if (all.some(({ config }) => config.recipeId === next.config.recipeId))
        world.met('a roll-back to an earlier recipe');
      const moved = (key: string) =>
        JSON.stringify(next.expected(key)) !== JSON.stringify(current.expected(key));
      if (scenario.configurations !== undefined && [...world.history.keys()].some(moved))
        world.met('a deployment with another rule for an upload');
      before = current;
      overlapping = overlap;
      current = next;
      all.push(next);
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

function namesIn({ results }: Expected): string {
  return results.map(({ key }) => key).join('\n');
}

type Configured = Pick<Scenario, 'renditions' | 'deleting' | 'withoutTable' | 'configurations' | 'named'>;

function configurationOf({ renditions, configurations }: Configured, name: RecipeName): Configuration {
  return (
    configurations?.find((each) => each.name === name) ?? {
      name,
      images: ['web', 'small'].slice(0, renditions),
      quality: QUALITY[name] ?? 1,
      rules: [],
      version: 1,
    }
  );
}

/** What the worker is told of a deployment. */
export function configOf(scenario: Configured, recipe: RecipeName, generation: number): Config {
  const { images, quality, rules, version } = configurationOf(scenario, recipe);
  return readConfig({
    [ENV.uploadBuckets]: BUCKETS.uploads,
    [ENV.resultBucket]: BUCKETS.results,
    [ENV.failureBucket]: BUCKETS.failures,
    [ENV.conversionQueueUrl]: 'conversion',
    [ENV.retryQueueUrl]: 'retry',
    [ENV.retryQueueArn]: 'arn:aws:sqs:us-east-1:0:retry',
    [ENV.deadLetterQueueUrl]: 'dead',
    ...(scenario.withoutTable ? {} : { [ENV.idempotencyTable]: 'idempotency' }),
    [ENV.recipe]: JSON.stringify({
      renditions: images.map((name) => ({ name, quality })),
      whenDeleted: scenario.deleting ? 'delete' : 'keep',
      ...(scenario.named?.includes(recipe) ? { resultName: '{key}.{extension}' } : {}),
      rules: rules.map(({ keys, variant, ...rule }) => ({
        ...rule,
        extensions: Object.fromEntries(
          rule.renditions.map((name) => [name, OWN_CONVERSIONS[rule.conversion].extension]),
        ),
        ...(keys === undefined ? {} : { keys: [keys] }),
        version,
        options: { variant },
        limits: {},
      })),
    }),
    [ENV.generation]: String(generation),
    [ENV.maxAttempts]: '5',
    [ENV.conversions]: '2',
  });
}
