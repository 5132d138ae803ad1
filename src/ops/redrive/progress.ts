import { GetObjectCommand } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { putIf } from '../../core/compare-and-set.ts';
import { PROGRESS_PREFIX } from '../../core/own-objects.ts';
import type { Place } from './record-store.ts';

/** How far a redrive has come: what its next run must know, beside the counts in its record. */
export const progressSchema = z.object({
  canaryOver: z.boolean(),
  /** When all of the canary was moved: ISO 8601. */
  canaryMovedAt: z.string().optional(),
  /** When all was moved: ISO 8601. */
  movedAt: z.string().optional(),
  /** How many SQS refused by then. */
  refused: z.int().optional(),
  /** How many others hid until then. */
  unseen: z.int().optional(),
  /** What was moved and has no end yet, with its message ids on the retry queue. Without a bucket: a message. */
  following: z.array(
    z.object({ key: z.string(), bucket: z.string().optional(), newIds: z.array(z.string()) }),
  ),
});

export type Progress = z.infer<typeof progressSchema>;

/** Beside the record, which everybody reads: what is followed may be a hundred thousand objects. */
export async function writeProgress(
  { s3, deployment }: Place,
  id: string,
  run: number,
  progress: Progress,
): Promise<void> {
  // Nobody else writes it: when it is there, the first try has stored it, and its answer was lost.
  await putIf(s3, 'absent', {
    Bucket: deployment.failureBucket,
    Key: keyOf(id, run),
    Body: JSON.stringify(progress),
    ContentType: 'application/json',
  });
}

/** @param run which is to go on */
export async function readProgress({ s3, deployment }: Place, id: string, run: number): Promise<Progress> {
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: deployment.failureBucket, Key: keyOf(id, run) }),
  );
  return progressSchema.parse(JSON.parse((await Body?.transformToString()) ?? ''));
}

function keyOf(id: string, run: number): string {
  return `${PROGRESS_PREFIX}${id}/${run}.json`;
}
