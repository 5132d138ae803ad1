import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parseRecipe, recipeId } from '../../src/core/recipe.ts';
import { ENV } from '../../src/core/env.ts';
import { SETTINGS } from '../../src/core/settings.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import { workerEnvironment } from '../../src/local/worker-environment.ts';
import { readConfig } from '../../src/worker/config.ts';

const RECIPE = parseRecipe(
  '{"renditions":[{"name":"thumb","width":320}],"ignore":["*.tmp"],"whenDeleted":"delete"}',
);
const queue = (name: string) => ({ url: `http://q/${name}`, arn: `arn:${name}` });
const RESOURCES = {
  conversionQueue: queue('conversion'),
  retryQueue: queue('retry'),
  deadLetterQueue: queue('dead'),
};

it('the worker reads the deployment that the API and the command have', () => {
  const env = workerEnvironment('http://aws', RESOURCES, RECIPE, 7, 'sub/config.ts');
  const { awsUrl: _, ...deployment } = localDeployment('http://aws', RESOURCES, RECIPE, 7);
  expect(deployment).toMatchObject({ recipeId: recipeId(RECIPE), generation: 7, ignore: ['*.tmp'] });
  expect(readConfig(env)).toMatchObject({
    ...deployment,
    retryQueueArn: 'arn:retry',
    idempotencyTable: undefined,
    maxAttempts: SETTINGS.maxReceiveCount,
    conversions: 1,
  });
  // Its processes run in another folder.
  expect(env[ENV.config]).toBe(resolve('sub/config.ts'));
});

it('the worker has a table for idempotency and a configuration file only if the pipeline has', () => {
  const env = workerEnvironment('http://aws', { ...RESOURCES, idempotencyTable: 'table' }, RECIPE);
  expect(readConfig(env)).toMatchObject({ idempotencyTable: 'table', generation: 1 });
  expect(env).not.toHaveProperty(ENV.config);
});
