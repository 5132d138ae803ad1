export {
  ConversionPipeline,
  type ConversionPipelineProps,
  type WorkerArchitecture,
} from './conversion-pipeline.ts';
export type { Completions } from './completions.ts';
export type { UploadBucket } from './upload-buckets.ts';
export { UploadApi, type UploadApiProps, type Authorization } from './upload-api.ts';
export { Monitoring, type MonitoringProps } from './monitoring.ts';
