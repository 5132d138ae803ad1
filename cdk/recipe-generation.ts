import { CustomResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { recipeId, type Recipe } from '../src/core/recipe.ts';
import { createFunction } from './function.ts';

const TIMEOUT_SECONDS = 60;

/**
 * The place of a recipe in the order of all that were deployed, as a token: two versions of the worker that run at
 * once, during a deployment, tell by it which of them is the younger (docs/adr/0013).
 */
export function recipeGeneration(scope: Construct, recipe: Recipe, logDays = 30): string {
  const numbering = createFunction(scope, 'RecipeNumbering', {
    description: 'Numbers the deployments that change the recipe',
    entry: 'src/generation/index.ts',
    architecture: 'arm64',
    memory: 128,
    timeoutSeconds: TIMEOUT_SECONDS,
    logDays,
    environment: {},
  });
  const resource = new CustomResource(scope, 'RecipeGeneration', {
    resourceType: 'Custom::MillraceRecipeGeneration',
    serviceToken: numbering.functionArn,
    // Whatever changes here asks for a new number.
    properties: { RecipeId: recipeId(recipe) },
  });
  return resource.getAttString('Generation');
}
