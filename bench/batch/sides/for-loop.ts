import type { SQSEvent } from 'aws-lambda';
import { convert } from './sample.ts';

/** Converts messages sequentially. */
export async function handler({ Records }: SQSEvent): Promise<void> {
  for (const record of Records) await convert(record);
}
