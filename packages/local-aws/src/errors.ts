/** Errors of the local AWS, and what they say about the disk. Loads nothing else. */
export { AwsError } from './aws-error.ts';
export { DataFolderError, unwritable } from './data-folder/error.ts';
export { diskTrouble } from './disk-trouble.ts';
