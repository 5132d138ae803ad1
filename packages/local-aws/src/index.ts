export { startLocalAws, type LocalAws, type LocalAwsOptions } from './aws.ts';
export type { FolderKind } from './data-folder/kind.ts';
