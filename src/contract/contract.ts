import type * as z from 'zod';
import { getBatch, listBatch } from './batches.ts';
import { exportDeadLetters, getDeadLetter, groupDeadLetters, listDeadLetters } from './dead-letters.ts';
import { abortMultipart, completeMultipart, createMultipart, signParts } from './multipart.ts';
import { getObject } from './objects.ts';
import { previewSource } from './preview.ts';
import { purgeDeadLetters } from './purges.ts';
import { cancelRedrive, createRedrive, getRedrive, listRedrives } from './redrives.ts';
import { getResult } from './results.ts';
import type { OperationId } from './routes.ts';
import { getOperationsSummary } from './summary.ts';
import { createUploads } from './uploads.ts';

/** The parts of the API that depend on the deployment. */
interface Intake {
  /** Bytes. */
  maxUploadBytes: number;
  uploadBuckets: readonly string[];
}

/** Describes every route of the HTTP API. */
export function describeRoutes({ maxUploadBytes, uploadBuckets }: Intake) {
  return {
    createUploads: createUploads(maxUploadBytes),
    createMultipart: createMultipart(maxUploadBytes),
    signParts,
    completeMultipart,
    abortMultipart,
    getObject: getObject(uploadBuckets),
    getBatch,
    listBatch,
    getResult,
    getOperationsSummary,
    groupDeadLetters,
    listDeadLetters,
    exportDeadLetters,
    getDeadLetter,
    previewSource: previewSource(uploadBuckets),
    createRedrive,
    listRedrives,
    getRedrive,
    cancelRedrive,
    purgeDeadLetters,
  };
}

interface Described {
  content?: { 'application/json'?: { schema: z.ZodType } };
}

// Only requests depend on the deployment.
const ANY_DEPLOYMENT = { maxUploadBytes: Number.MAX_SAFE_INTEGER, uploadBuckets: ['any'] };
let described: ReturnType<typeof describeRoutes> | undefined;

/**
 * Checks an API response against its schema.
 * @throws ZodError if the response does not match
 */
export function checkAnswer(id: OperationId, status: number, answer: unknown): unknown {
  // Thousands of responses may be checked, but most programs check none.
  described ??= describeRoutes(ANY_DEPLOYMENT);
  const response = (described[id].responses as Readonly<Record<number, Described>>)[status];
  return response?.content?.['application/json']?.schema.parse(answer) ?? answer;
}
