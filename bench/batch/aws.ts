import { fileURLToPath } from 'node:url';
import type { SQSRecord } from 'aws-lambda';
import type { Resources } from '../../src/local/resources.ts';
import { startChild } from './child.ts';

/** Milliseconds until an answer begins: S3 as measured from a function in its region, DynamoDB in single digits. */
export const S3_MILLISECONDS = 30;
const LATENCIES = { s3: S3_MILLISECONDS, other: 5 } as const;

export interface Started {
  url: string;
  resources: Resources;
}

/** What the imitation did so far. */
export interface Traffic {
  /** By method or action. */
  requests: Record<string, number>;
  /** Of the objects that were fetched. */
  bytesRead: number;
  cpuSeconds: number;
}

export type Order = { kind: 'upload'; folder: string; files: string[]; prefix: string } | { kind: 'traffic' };

/** An AWS for one function, in another process. */
export interface BatchAws extends Started {
  /** Stores files under keys with this prefix, and returns the messages that say so. */
  upload(folder: string, files: string[], prefix: string): Promise<SQSRecord[]>;
  traffic(): Promise<Traffic>;
  stop(): Promise<void>;
}

/** @param processors on which it may run; by default, on all */
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
