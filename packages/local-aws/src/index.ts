export { startLocalAws, type LocalAws, type LocalAwsOptions } from './aws.ts';
