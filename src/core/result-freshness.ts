import { defined } from './defined.ts';
import type { ObjectRef } from './object-ref.ts';
import { sourceNameOf, type ResultMetadata } from './result-metadata.ts';
import { certainlySameUpload, type SourceIdentity } from './source.ts';

/** A deployed recipe, and its position in the order of all deployed recipes. */
export interface DeployedRecipe {
  recipeId: string;
  generation: number;
}

/** How a stored result relates to the current source and to a deployed recipe. */
export interface Freshness {
  /**
   * `same`: it certainly derives from the current source. `maybe same`: it derives from a source with equal content,
   * on a bucket without versions. `other`: it derives from another upload.
   */
  upload: 'same' | 'maybe same' | 'other';
  /** Whether it was made with an older recipe, this recipe, or a recipe that was deployed later. */
  recipe: 'older' | 'same' | 'newer';
}

/**
 * Compares a stored result with the current source of an object and a deployed recipe: the one definition that the
 * worker and all views share. A result is *current* when it derives from the current source and its recipe is not
 * `older`, and *stale* when its recipe is `older`. A result of another upload counts as no result.
 */
export function freshnessOf(
  stored: ResultMetadata,
  object: Pick<ObjectRef, 'bucket' | 'key'>,
  source: Pick<SourceIdentity, 'etag' | 'versionId'>,
  deployed: DeployedRecipe,
): Freshness {
  return { upload: uploadOf(stored, object, source), recipe: recipeOf(stored, deployed) };
}

function uploadOf(
  { sourceName, sourceVersionId, sourceEtag }: ResultMetadata,
  object: Pick<ObjectRef, 'bucket' | 'key'>,
  source: Pick<SourceIdentity, 'etag' | 'versionId'>,
): Freshness['upload'] {
  // Under former rules, the result's key belonged to another upload, whose contents can be equal.
  if (sourceName !== undefined && sourceName !== sourceNameOf(object)) return 'other';
  if (sourceVersionId !== undefined || source.versionId !== undefined) {
    const stored = defined({ versionId: sourceVersionId });
    return certainlySameUpload(stored, source) ? 'same' : 'other';
  }
  return sourceEtag === source.etag.replaceAll('"', '') ? 'maybe same' : 'other';
}

/** Generations order recipes. Two recipes of one generation have no order: this deployment's counts as the later. */
function recipeOf({ recipe, generation }: ResultMetadata, deployed: DeployedRecipe): Freshness['recipe'] {
  if (generation > deployed.generation) return 'newer';
  return generation === deployed.generation && recipe === deployed.recipeId ? 'same' : 'older';
}
