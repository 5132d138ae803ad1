import type { LocalDeployment } from '../core/deployment.ts';
import { recipeId, type Recipe } from '../core/recipe.ts';
import { resultNamesOf } from '../core/rules.ts';
import { BUCKETS, type Resources } from './resources.ts';

/** Describes the local pipeline to the command and the API, as the outputs of a stack do. */
export function localDeployment(
  awsUrl: string,
  resources: Resources,
  recipe: Recipe,
  generation = 1,
): LocalDeployment {
  return {
    awsUrl,
    uploadBuckets: [BUCKETS.uploads],
    resultBucket: BUCKETS.results,
    failureBucket: BUCKETS.failures,
    conversionQueueUrl: resources.conversionQueue.url,
    retryQueueUrl: resources.retryQueue.url,
    deadLetterQueueUrl: resources.deadLetterQueue.url,
    ...resultNamesOf(recipe),
    recipeId: recipeId(recipe),
    generation,
    ignore: recipe.ignore,
    whenDeleted: recipe.whenDeleted,
  };
}
