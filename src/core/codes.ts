import { SETTINGS } from './settings.ts';

/**
 * The stable error codes: part of the interface, one heading each in `docs/runbook.md`.
 * `retryCanHelp` answers an operator's first question about a dead letter: may the same object succeed
 * when it is simply tried again (true), or must the cause be fixed first (false)?
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
    summary: 'the content is not what the conversion for this key accepts',
  },
  'key.too_long': {
    retryCanHelp: false,
    summary: 'the result key would be longer than the 1,024 bytes S3 allows',
  },
  'image.unsupported_format': {
    retryCanHelp: false,
    summary: 'the content is of no format this pipeline converts',
  },
  'image.corrupt': { retryCanHelp: false, summary: 'the image could not be decoded to its end' },
  'image.too_many_pixels': {
    retryCanHelp: false,
    summary: 'the image has more pixels than the recipe allows',
  },
  'image.too_many_pages': {
    retryCanHelp: false,
    summary: 'the animation has more frames than the recipe allows',
  },
  'image.dimensions_unsupported': {
    retryCanHelp: false,
    summary: 'the result would be wider or higher than its format can hold',
  },
  'conversion.timeout': { retryCanHelp: true, summary: 'the conversion took longer than the recipe allows' },
  'process.died': {
    retryCanHelp: true,
    summary: 'the process died during the attempt: out of memory, crash or timeout',
  },
  'storage.unavailable': {
    retryCanHelp: true,
    summary: 'S3, SQS or DynamoDB did not answer, or answered with an error of its own',
  },
  'storage.denied': {
    retryCanHelp: false,
    summary: 'the worker is not allowed to read the source or to store the result',
  },
  'storage.contended': {
    retryCanHelp: true,
    summary: 'other writers changed the result again and again while this one tried',
  },
  'disk.full': { retryCanHelp: true, summary: 'the disk of the worker’s temporary folder is full' },
  'batch.out_of_time': {
    retryCanHelp: true,
    summary: 'the rest of the batch left too little time to begin this conversion',
  },
  'recipe.outdated': {
    retryCanHelp: true,
    summary:
      'a worker of an earlier deployment found a result of a later deployment and left the object to it',
  },
  'retries.exhausted': { retryCanHelp: true, summary: 'a transient failure outlasted every attempt' },
  'attempt.never_began': {
    retryCanHelp: true,
    summary: 'the queue gave the message up before any attempt: throttled, or it could not be forwarded',
  },
  'file.unreadable': { retryCanHelp: true, summary: 'a local file could not be read or uploaded' },
  'file.collides': {
    retryCanHelp: false,
    summary: 'the result of a local file would replace another result, or a folder',
  },
  'file.unwritable': { retryCanHelp: true, summary: 'a result could not be written to the local folder' },
  'internal.unexpected': { retryCanHelp: true, summary: 'the worker failed in a way it has no code for' },
} as const satisfies Record<string, { retryCanHelp: boolean; summary: string }>;

export type Code = keyof typeof CODES;

/** A code of a conversion: its name, a dot, and what went wrong. */
const CONVERSION_CODE = /^([a-z][a-z0-9-]{0,30})\.[a-z0-9_]{1,60}$/;
/** What the HTTP API's codes begin with, in addition to those above. */
const API_AREAS = ['api', 'object', 'redrive', 'request', 'route', 'upload'];
const AREAS = new Set([...Object.keys(CODES).map((code) => code.split('.')[0]), ...API_AREAS]);

/** Returns whether a code may come from a custom conversion: no code of Millrace has its prefix. */
export function isConversionCode(code: string): boolean {
  const [, name] = CONVERSION_CODE.exec(code) ?? [];
  return name !== undefined && !AREAS.has(name);
}

/**
 * Returns whether a retry alone may help. A custom conversion rejects content at once; if its code ended the last attempt,
 * it had asked for another one. A retry may help for one of our codes that this version does not know.
 */
export function retryCanHelp({ code, attempts }: { code: string; attempts: number }): boolean {
  if (Object.hasOwn(CODES, code)) return CODES[code as Code].retryCanHelp;
  return !isConversionCode(code) || attempts >= SETTINGS.maxReceiveCount;
}
