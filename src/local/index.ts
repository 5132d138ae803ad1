import { DEFAULT_RECIPE, pipelineRecipe, type Recipe } from '../core/recipe.ts';
import { loadConfig } from './config-file.ts';
import type { Pipeline, PublicOptions } from './pipeline-types.ts';
import { startPipeline as start } from './pipeline.ts';

export type { Pipeline };

/** Options of a pipeline. By default, it picks free ports, keeps nothing after it ends, and ignores notices. */
export type LocalPipelineOptions = Partial<PublicOptions>;

/**
 * Starts the whole pipeline on this machine, for tests and development servers. Any S3 client can upload at `awsUrl`,
 * with any credentials, and find the results in `buckets.results`.
 * @throws Error if a port is in use, or the data folder or the configuration file is unusable
 */
export async function startPipeline(options: LocalPipelineOptions = {}): Promise<Pipeline> {
  const {
    aws: _aws,
    completions: _completions,
    ...pipeline
  } = await start({
    port: 0,
    awsPort: 0,
    recipe: options.recipe ?? (await recipeOf(options)),
    onNotice: () => undefined,
    ...options,
  });
  return pipeline;
}

async function recipeOf({ configFile }: LocalPipelineOptions): Promise<Recipe> {
  return configFile === undefined ? DEFAULT_RECIPE : pipelineRecipe((await loadConfig(configFile)).recipe);
}
