/**
 * The library: what the pipeline's objects and messages mean, and its operations, as functions that use the caller's
 * clients.
 */
export type { Code } from './core/code-names.ts';
export { CODES } from './core/codes.ts';
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
export { InvalidRecipe } from './core/invalid-recipe.ts';
export { DEFAULT_RECIPE, parseRecipe, recipeId, type Limits, type Recipe } from './core/recipe.ts';
export { imageExtensions, imageRenditionsSchema, type Rendition } from './core/rendition.ts';
export { readResultMetadata, type ResultMetadata } from './core/result-metadata.ts';
export { failureReportSchema, type FailureReport } from './core/failure-report.ts';
export { failureKey } from './core/keys.ts';
export { resultKey, type Namespace } from './core/result-keys.ts';
export { resultSource, type ResultSource } from './core/result-locations.ts';
export { parseNotification, type Notification } from './core/notification.ts';
export type { ObjectRef } from './core/object-ref.ts';
export { deploymentFromOutputs, deploymentSchema, type Deployment } from './core/deployment.ts';

export type { DeadLetterContext, OpsContext } from './ops/context.ts';
export { objectStatus, type ObjectStatus } from './ops/object-status.ts';
export { listUploadStates, type UploadState } from './ops/list-upload-states.ts';
export { findBackfill, runBackfill, type BackfillChoice } from './ops/backfill.ts';
export { listDeadLetters } from './ops/dead-letters/list.ts';
export type { DeadLetter } from './ops/dead-letters/dead-letter.ts';
export { groupByCode, type DeadLetterGroup } from './ops/dead-letters/groups.ts';
export { exportDeadLetters, purgeDeadLetters } from './ops/dead-letters/export.ts';
export type { Filter } from './ops/dead-letters/filter.ts';
export { runRedrive, type RedriveHooks, type RedriveRequest } from './ops/redrive/run.ts';
export { fromArchive, fromQueue, type Source as RedriveSource } from './ops/redrive/choose.ts';
export type { RedriveRecord } from './core/redrive-record.ts';
