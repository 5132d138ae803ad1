import { hint } from './output.ts';

/**
 * Says what a view that relies on listings cannot know.
 * @param exact how to get the exact view
 */
export function hintListings(exact: string): void {
  hint(`from listings, which do not show deleted versions or older recipes; ${exact}`);
}
