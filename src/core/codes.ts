import { isCode, isConversionCode, type Code } from './code-names.ts';
import { SETTINGS } from './settings.ts';

/**
 * What the stable error codes mean. Each has a heading in `docs/runbook.md`.
 * `retryCanHelp` answers an operator's first question about a dead letter: can a retry of the same object succeed
 * (true), or must the cause be fixed first (false)?
 */
export const CODES = {
  'notification.malformed': {
    retryCanHelp: false,
    summary: 'the message is not a notification this pipeline knows',
  },
  'notification.unknown_bucket': {
    retryCanHelp: false,
    summary: 'the notification names a bucket that is not an upload bucket of this pipeline',
  },
  'source.empty': { retryCanHelp: false, summary: 'the uploaded object has no bytes' },
  'source.too_large': {
    retryCanHelp: false,
    summary: 'the uploaded object has more bytes than the recipe allows',
  },
  'source.not_accepted': {
    retryCanHelp: false,
    summary: 'the conversion for this key does not accept the content',
  },
  'key.too_long': {
    retryCanHelp: false,
    summary: 'the result key would be longer than the 1,024 bytes S3 allows',
  },
  'image.unsupported_format': {
    retryCanHelp: false,
    summary: 'this pipeline does not convert the format of the content',
  },
  'image.corrupt': { retryCanHelp: false, summary: 'the image could not be decoded completely' },
  'image.too_many_pixels': {
    retryCanHelp: false,
    summary: 'the image has more pixels than the recipe allows',
  },
  'image.too_many_pages': {
    retryCanHelp: false,
    summary: 'the animation has more frames than the recipe allows',
  },
  'image.no_such_page': {
    retryCanHelp: false,
    summary: 'the recipe asks for a page that the image does not have',
  },
  'image.dimensions_unsupported': {
    retryCanHelp: false,
    summary: 'the result would be wider or higher than its format can hold',
  },
  'image.too_many_bytes': {
    retryCanHelp: false,
    summary: 'the result would have more bytes than its maxBytes, even at the lowest quality',
  },
  'conversion.timeout': { retryCanHelp: true, summary: 'the conversion took longer than the recipe allows' },
  'process.died': {
    retryCanHelp: true,
    summary: 'the process died during the attempt: out of memory, crash or timeout',
  },
  'storage.unavailable': {
    retryCanHelp: true,
    summary: 'S3, SQS or DynamoDB did not respond, or responded with a server error',
  },
  'storage.denied': {
    retryCanHelp: false,
    summary: 'the worker is not allowed to read the source or to store the result',
  },
  'storage.contended': {
    retryCanHelp: true,
    summary: 'other writers kept changing the result during the attempt',
  },
  'disk.full': { retryCanHelp: true, summary: 'the disk of the worker’s temporary folder is full' },
  'batch.out_of_time': {
    retryCanHelp: true,
    summary: 'the batch had too little time left to start this conversion',
  },
  'recipe.outdated': {
    retryCanHelp: true,
    summary:
      'a worker of an earlier deployment found a result of a later deployment and left the object to it',
  },
  'retries.exhausted': { retryCanHelp: true, summary: 'a transient failure outlasted every attempt' },
  'attempt.never_began': {
    retryCanHelp: true,
    summary: 'SQS moved the message to the dead-letter queue before any attempt: throttled, or not forwarded',
  },
  'file.unreadable': { retryCanHelp: true, summary: 'a local file could not be read or uploaded' },
  'file.collides': {
    retryCanHelp: false,
    summary: 'the result of a local file would replace another result, or a folder',
  },
  'file.unwritable': { retryCanHelp: true, summary: 'a result could not be written to the local folder' },
  'internal.unexpected': { retryCanHelp: true, summary: 'the worker failed with an unexpected error' },
} as const satisfies Record<Code, { retryCanHelp: boolean; summary: string }>;

/**
 * Returns whether a retry alone can help. A custom conversion's rejection ends the first attempt, so a code after the
 * last attempt is one that asked for a retry. A retry may also help if a later version of Millrace wrote the code.
 */
export function retryCanHelp({ code, attempts }: { code: string; attempts: number }): boolean {
  if (isCode(code)) return CODES[code].retryCanHelp;
  return !isConversionCode(code) || attempts >= SETTINGS.maxReceiveCount;
}
