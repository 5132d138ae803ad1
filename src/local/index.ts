import { DEFAULT_RECIPE } from '../core/recipe.ts';
import { startPipeline as start, type Pipeline, type PipelineOptions } from './pipeline.ts';

export type { Pipeline };

/** What a pipeline may be told; by default it takes free ports, forgets everything at its end, and says nothing. */
export type LocalPipelineOptions = Partial<
  Pick<
    PipelineOptions,
    'port' | 'awsPort' | 'recipe' | 'data' | 'repair' | 'faults' | 'concurrency' | 'onNotice'
  >
>;

/**
 * Starts the whole pipeline on this machine, for tests and development servers: any S3 client can upload at `awsUrl`,
 * with any credentials, and finds the results in `buckets.results`.
 * @throws Error when a port is in use, or the data folder is not usable
 */
export function startPipeline(options: LocalPipelineOptions = {}): Promise<Pipeline> {
  return start({ port: 0, awsPort: 0, recipe: DEFAULT_RECIPE, onNotice: () => undefined, ...options });
}
