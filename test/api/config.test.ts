import { describe, expect, it } from 'vitest';
import { readApiConfig } from '../../src/api/config.ts';
import { ENV } from '../../src/core/env.ts';
import { parseRecipe, recipeId } from '../../src/core/recipe.ts';

const recipe = '{"renditions":[{"name":"thumb","width":320}],"ignore":["*.tmp"]}';
const usable = {
  [ENV.uploadBuckets]: 'uploads, scans',
  [ENV.resultBucket]: 'results',
  [ENV.failureBucket]: 'failures',
  [ENV.conversionQueueUrl]: 'http://q/conversion',
  [ENV.retryQueueUrl]: 'http://q/retry',
  [ENV.deadLetterQueueUrl]: 'http://q/dead',
  [ENV.recipe]: recipe,
  [ENV.generation]: '3',
  [ENV.workerFunction]: 'worker',
  [ENV.redriveFunction]: 'redrive',
  LAMBDA_TASK_ROOT: '/var/task',
};

describe('the configuration of the API', () => {
  it('contains everything about the deployment that operations need', () => {
    const config = readApiConfig({ ...usable, [ENV.deadLetterAlarm]: 'millrace-dead-letters' });
    expect(config.deadLetterAlarm).toBe('millrace-dead-letters');
    expect(config.deployment).toEqual({
      uploadBuckets: ['uploads', 'scans'],
      resultBucket: 'results',
      failureBucket: 'failures',
      conversionQueueUrl: 'http://q/conversion',
      retryQueueUrl: 'http://q/retry',
      deadLetterQueueUrl: 'http://q/dead',
      renditions: ['thumb'],
      rules: [],
      recipeId: recipeId(parseRecipe(recipe)),
      generation: 3,
      whenDeleted: 'keep',
      ignore: ['*.tmp'],
      deadLetterAlarm: 'millrace-dead-letters',
    });
    expect(readApiConfig(usable).deployment).not.toHaveProperty('deadLetterAlarm');
  });

  it('names all missing or invalid variables at once', () => {
    expect(() => readApiConfig({ ...usable, [ENV.resultBucket]: undefined, [ENV.recipe]: '{' })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /API's environment[^]*MILLRACE_RESULT_BUCKET is not set[^]*MILLRACE_RECIPE not JSON/,
        ),
      }),
    );
  });
});
