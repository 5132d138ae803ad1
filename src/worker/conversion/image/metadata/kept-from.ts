import type { Rendition } from '../../../../core/rendition.ts';
import type { Inspected } from '../inspect.ts';
import type { Kept } from './kept.ts';

/** Returns the metadata that a rendition keeps of its source; undefined if it keeps none. */
export async function keptFrom(source: Inspected, { metadata: kinds }: Rendition): Promise<Kept | undefined> {
  if ((source.exif ?? source.xmp ?? source.iptc) === undefined || kinds === undefined) return undefined;
  const { keptOf } = await import('./kept.ts');
  return keptOf(source, kinds);
}
