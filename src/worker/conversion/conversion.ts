import type { Recipe } from '../../core/recipe.ts';

/** One result of a conversion, whole in memory. Width and height in pixels of one frame. */
export interface ConvertedRendition {
  rendition: string;
  bytes: Uint8Array;
  contentType: string;
  width: number;
  height: number;
}

/**
 * Turns the bytes of an upload into every rendition of a recipe.
 *
 * The same bytes, recipe and stamp give the same output bytes. If the conversion is `stamped`, a different stamp gives
 * different ones: the conditional write tells results of different uploads apart by their ETags alone (docs/adr/0003).
 */
export interface Conversion {
  /** The sniffed content types that this conversion takes. */
  readonly contentTypes: readonly string[];
  /**
   * Whether each result contains the stamp. After it has stored results without a stamp, the worker looks at the source
   * again (docs/adr/0025).
   */
  readonly stamped: boolean;
  /**
   * @param stamp identity of the source, embedded in every result of a `stamped` conversion
   * @throws Rejected when these bytes can never be converted under this recipe
   * @throws Retryable when a later attempt may succeed (out of memory, say)
   */
  convert(source: Uint8Array, recipe: Recipe, stamp: string): Promise<ConvertedRendition[]>;
}
