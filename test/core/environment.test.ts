import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { deploymentOf, deploymentVariables } from '../../src/core/deployment-variables.ts';
import { listVariable, parseEnvironment, textVariable } from '../../src/core/environment.ts';
import { DEFAULT_RECIPE, recipeId } from '../../src/core/recipe.ts';
import { readSelfInvokingConfig } from '../../src/core/self-invoking-config.ts';

const schema = z.object({ NAME: textVariable, LIST: listVariable });

function complaint(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    return String(error).split('\n');
  }
  throw new Error('expected the environment to be refused');
}

describe('a function’s environment', () => {
  it('is read by name, with lists split at commas', () => {
    expect(parseEnvironment(schema, { NAME: 'x', LIST: 'a, b,c', OTHER: '1' }, 'worker')).toEqual({
      NAME: 'x',
      LIST: ['a', 'b', 'c'],
    });
  });

  it('with missing variables is refused with a line for each', () => {
    const [first, ...lines] = complaint(() => parseEnvironment(schema, { NAME: '' }, 'worker'));
    expect(first).toContain('worker');
    expect(lines).toEqual(['  NAME is empty', '  LIST is not set']);
  });
});

const ENVIRONMENT = {
  MILLRACE_UPLOAD_BUCKETS: 'uploads,scans',
  MILLRACE_RESULT_BUCKET: 'results',
  MILLRACE_FAILURE_BUCKET: 'failures',
  MILLRACE_CONVERSION_QUEUE_URL: 'https://sqs/conversion',
  MILLRACE_RETRY_QUEUE_URL: 'https://sqs/retry',
  MILLRACE_DEAD_LETTER_QUEUE_URL: 'https://sqs/dead',
  MILLRACE_RECIPE: JSON.stringify({ renditions: [{ name: 'web' }, { name: 'thumb' }] }),
  MILLRACE_GENERATION: '7',
};
const variables = z.object(deploymentVariables);

describe('the environment of a self-invoking function', () => {
  const lambda = { ...ENVIRONMENT, AWS_LAMBDA_FUNCTION_NAME: 'reconciler-1' };

  it('contains its own name and the deployment', () => {
    const deployment = deploymentOf(parseEnvironment(variables, ENVIRONMENT, 'API'));
    expect(readSelfInvokingConfig(lambda, 'reconciler')).toEqual({
      functionName: 'reconciler-1',
      deployment,
    });
  });

  it.each(Object.keys(lambda))('is refused without %s', (name) => {
    const { [name]: _, ...rest } = lambda as Record<string, string>;
    const [first, ...lines] = complaint(() => readSelfInvokingConfig(rest, 'reconciler'));
    expect(first).toContain('reconciler');
    expect(lines).toEqual([`  ${name} is not set`]);
  });
});

describe('the deployment in a function’s environment', () => {
  it("has the buckets, the queues, and the recipe's renditions", () => {
    const read = parseEnvironment(variables, ENVIRONMENT, 'API');
    const deployment = deploymentOf(read);
    expect(deployment).toMatchObject({
      uploadBuckets: ['uploads', 'scans'],
      resultBucket: 'results',
      failureBucket: 'failures',
      conversionQueueUrl: 'https://sqs/conversion',
      retryQueueUrl: 'https://sqs/retry',
      deadLetterQueueUrl: 'https://sqs/dead',
      renditions: ['web', 'thumb'],
      recipeId: recipeId(read.MILLRACE_RECIPE),
      generation: 7,
    });
    expect(deployment.recipeId).not.toBe(recipeId(DEFAULT_RECIPE));
  });

  it.each([
    ['0', 'is below 1'],
    ['1.5', 'is not a whole number'],
    ['x', 'MILLRACE_GENERATION'],
    ['', 'is empty'],
  ])('is refused with the generation %j', (MILLRACE_GENERATION, why) => {
    const [, ...lines] = complaint(() =>
      parseEnvironment(variables, { ...ENVIRONMENT, MILLRACE_GENERATION }, 'API'),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(why);
  });

  it('may be the first generation', () => {
    const first = { ...ENVIRONMENT, MILLRACE_GENERATION: '1' };
    expect(deploymentOf(parseEnvironment(variables, first, 'API')).generation).toBe(1);
  });

  it("is refused with the recipe's mistakes", () => {
    const bad = { ...ENVIRONMENT, MILLRACE_RECIPE: '{"renditions":[{"name":"web","width":0}]}' };
    const [, ...lines] = complaint(() => parseEnvironment(variables, bad, 'API'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^ {2}MILLRACE_RECIPE renditions\[0\]\.width: /);
  });

  it.each(Object.keys(ENVIRONMENT))('is refused without %s', (name) => {
    const { [name]: _, ...rest } = ENVIRONMENT as Record<string, string>;
    const [, ...lines] = complaint(() => parseEnvironment(variables, rest, 'API'));
    expect(lines).toEqual([`  ${name} is not set`]);
  });
});
