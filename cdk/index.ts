export {
  ConversionPipeline,
  type ConversionPipelineProps,
  type WorkerArchitecture,
} from './conversion-pipeline.ts';
export type { Completions } from './completions.ts';
export type { ReconcileSchedule } from './reconciler.ts';
export type { UploadBucket } from './upload-buckets.ts';
export type { AlarmId } from '../src/core/alarms.ts';
export type { Timing } from '../src/core/timing.ts';
export { UploadApi, type UploadApiProps, type Authorization } from './upload-api.ts';
export { Monitoring, type MonitoringProps } from './monitoring.ts';
