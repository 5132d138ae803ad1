/** What configuration files and custom conversions import. Depends only on zod. */
export { defineConfig, type ConfigInput, type ConversionUse, type PipelineConfig } from './core/config.ts';
export type {
  Conversion,
  ConversionDefinition,
  ConversionJob,
  ConversionLimits,
  MadeResult,
  Pixels,
  Source,
} from './core/conversion.ts';
export { defineConversion } from './core/own-conversion.ts';
export { Rejected, Retryable } from './core/errors.ts';
export { imageExtensions, imageRenditionsSchema, type Rendition } from './core/rendition.ts';
