import type { SQSEvent } from 'aws-lambda';
import { convert } from './sample.ts';

/** Converts all messages at once. */
export async function handler({ Records }: SQSEvent): Promise<void> {
  await Promise.all(Records.map(convert));
}
