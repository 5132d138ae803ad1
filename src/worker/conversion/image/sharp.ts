import sharp from 'sharp';

/** What libvips may load: the formats whose decoders are fuzzed upstream. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff'];

/**
 * Settings of the process. One libvips thread a conversion: objects are converted side by side instead, which
 * wastes less (docs/performance.md). No cache: no image comes twice.
 */
export function configureSharp(): void {
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS.map((loader) => `VipsForeignLoad${loader}`) });
}
