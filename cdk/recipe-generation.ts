import { CustomResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { recipeId, type Recipe } from '../src/core/recipe.ts';
import { createFunction } from './function.ts';

const TIMEOUT_SECONDS = 60;

/**
 * Returns the position of a recipe in the order of all deployed recipes, as a token. During a deployment, two running
 * versions of the worker use it to determine which is newer (docs/adr/0013).
 */
export function recipeGeneration(
  scope: Construct,
  recipe: Recipe,
  { recipeRevision = 1, logDays = 30 }: { recipeRevision?: number; logDays?: number },
): string {
  const numbering = createFunction(scope, 'RecipeNumbering', {
    description: 'Numbers the deployments that change the recipe',
    code: 'generation',
    architecture: 'arm64',
    memory: 128,
    timeoutSeconds: TIMEOUT_SECONDS,
    logDays,
    environment: {},
  });
  const resource = new CustomResource(scope, 'RecipeGeneration', {
    resourceType: 'Custom::MillraceRecipeGeneration',
    serviceToken: numbering.functionArn,
    // A change here requests a new number.
    properties: { RecipeId: recipeId(recipe), Revision: recipeRevision },
  });
  return resource.getAttString('Generation');
}
