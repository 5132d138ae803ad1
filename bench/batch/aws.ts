import { fileURLToPath } from 'node:url';
import type { SQSRecord } from 'aws-lambda';
import type { Resources } from '../../src/local/resources.ts';
import { startChild } from './child.ts';

/** Milliseconds to the first byte: for S3, as measured from a function in its region; DynamoDB has single digits. */
export const S3_MILLISECONDS = 30;
const LATENCIES = { s3: S3_MILLISECONDS, other: 5 } as const;

export interface Started {
  url: string;
  resources: Resources;
}

/** The local AWS's traffic so far. */
export interface Traffic {
  /** Counts by method or action. */
  requests: Record<string, number>;
  /** Bytes of fetched objects. */
  bytesRead: number;
  cpuSeconds: number;
}

export type Order = { kind: 'upload'; folder: string; files: string[]; prefix: string } | { kind: 'traffic' };

/** A local AWS for one function, in a separate process. */
export interface BatchAws extends Started {
  /** Stores files under keys with this prefix, and returns the notification messages. */
  upload(folder: string, files: string[], prefix: string): Promise<SQSRecord[]>;
  traffic(): Promise<Traffic>;
  stop(): Promise<void>;
}

/** @param processors processors that it may run on; by default, all */
export async function startBatchAws(
  recipe: string,
  latencies: Readonly<Record<'s3' | 'other', number>> = LATENCIES,
  processors?: string,
): Promise<BatchAws> {
  const child = await startChild<Started>({
    module: fileURLToPath(new URL('aws-process.ts', import.meta.url)),
    args: [recipe, String(latencies.s3), String(latencies.other)],
    env: {},
    processors,
  });
  return {
    ...child.started,
    upload: (folder, files, prefix) =>
      child.ask<SQSRecord[]>({ kind: 'upload', folder, files, prefix } satisfies Order),
    traffic: () => child.ask<Traffic>({ kind: 'traffic' } satisfies Order),
    stop: child.stop,
  };
}
