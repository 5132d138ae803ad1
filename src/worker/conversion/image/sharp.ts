import sharp from 'sharp';

/** What libvips may load: the formats whose decoders are fuzzed upstream. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff'];

/**
 * Configures libvips for the whole process. One thread per conversion: converting objects in parallel takes less time
 * (B19 in docs/performance.md). No cache, because no image comes twice.
 */
export function configureSharp(): void {
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS.map((loader) => `VipsForeignLoad${loader}`) });
}
