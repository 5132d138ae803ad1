import type { Random } from '@millrace/local-aws/models';
import { ENV } from '../../src/core/env.ts';
import { BUCKETS } from '../../src/local/resources.ts';
import { readConfig, type Config } from '../../src/worker/config.ts';
import { OWN_CONVERSIONS, type Configuration, type RecipeName } from './configurations.ts';
import { expectedResults, type Expected } from './expected-results.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** A deployed configuration. Its number is its position in the order of deployments. */
export interface Deployed {
  number: number;
  configuration: Configuration;
  config: Config;
  /** Returns the expected results of a key, for the checks. */
  expected(key: string): Expected;
}

/** A scenario's deployments, in order. */
export interface Deployments {
  readonly current: Deployed;
  /** All deployments so far, in order. */
  readonly all: readonly Deployed[];
  /** Returns whether a result of the key may have no stamp. */
  mayLackStamp(key: string): boolean;
  /** Returns whether the key's result names differ between deployments. */
  movesResults(key: string): boolean;
  /** Deploys a configuration. Lambda invokes the old version a few more times. */
  deploy(recipe: RecipeName, overlap: number): string;
  /** The previous version is no longer invoked. */
  finish(): void;
  /** Returns the version of the function that Lambda invokes next. */
  next(): Deployed;
}

const QUALITY: Partial<Record<RecipeName, number>> = { A: 72, B: 50 };

export function createDeployments(scenario: Scenario, world: World, random: Random): Deployments {
  let before: Deployed | undefined;
  let generation = 0;
  let overlapping = 0;

  function make(number: number, recipe: RecipeName): Deployed {
    // As in a deployment: the time, always increasing.
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
      // An unchanged configuration keeps its generation.
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

/** Returns the worker's configuration in a deployment. */
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
