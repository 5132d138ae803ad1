import type { SQSEvent } from 'aws-lambda';
import { convert } from './sample.ts';

/** One message after the other. */
export async function handler({ Records }: SQSEvent): Promise<void> {
  for (const record of Records) await convert(record);
}
