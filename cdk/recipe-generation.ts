import { CustomResource, Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
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

/** A pipeline whose recipe has a generation. */
interface Numbered extends Construct {
  readonly generation: string;
}

/**
 * Returns the pipeline's generation for a construct, which may be in another stack. CloudFormation refuses to change a
 * value that another stack imports, so the other stack reads it from a parameter each time it is deployed.
 */
export function generationFor(scope: Construct, pipeline: Numbered): string {
  const [own, other] = [deployedStackOf(pipeline), deployedStackOf(scope)];
  if (own === other) return pipeline.generation;
  const id = pipeline.node.path.slice(own.node.path.length + 1).replaceAll(/[^\w.-]/g, '.');
  const name = `/millrace/${own.stackName}/${id}/generation`;
  if (pipeline.node.tryFindChild('GenerationParameter') === undefined)
    new StringParameter(pipeline, 'GenerationParameter', {
      parameterName: name,
      stringValue: pipeline.generation,
      description: 'The generation of the recipe, for other stacks',
    });
  other.addStackDependency(own);
  return StringParameter.valueForStringParameter(scope, name);
}

/** Returns the stack that is deployed with a construct. Nested stacks are deployed with their parent. */
function deployedStackOf(construct: Construct): Stack {
  const stack = Stack.of(construct);
  return stack.nestedStackParent === undefined ? stack : deployedStackOf(stack.nestedStackParent);
}
