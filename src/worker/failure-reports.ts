import { randomUUID } from 'node:crypto';
import { failureReportSchema, type FailureReport } from '../core/failure-report.ts';
import { failureKey, isTooLong } from '../core/keys.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import { Retryable } from '../core/errors.ts';
import { parseJson } from '../core/parse-json.ts';
import { limitsOf } from '../core/rules.ts';
import { longestAttemptSeconds, timingOf } from '../core/timing.ts';
import { apparentlySameUpload, type SourceIdentity } from '../core/source.ts';
import type { Config } from './config.ts';
import type { Storage } from './storage.ts';

/** The fields of a report, except the object, the source and the recipe. */
export type ReportContent = Pick<
  FailureReport,
  'status' | 'code' | 'message' | 'attempt' | 'messageId' | 'requestId' | 'logStream' | 'logGroup'
>;

export type Reported =
  /** `etag` of the report, for `withdraw`. */
  | { kind: 'stored'; etag: string }
  /** The key was uploaded again, so the report would be about an upload that no longer matters. */
  | { kind: 'superseded' }
  | { kind: 'gone' }
  /** The report's key would be longer than S3 allows. */
  | { kind: 'key too long' };

/** The reports in the failure bucket. They are written conditionally, as results are: the latest upload wins. */
export interface FailureReports {
  /**
   * Stores why an object has no result, or that an attempt begins. Keeps a final report of the same message about the
   * same upload: this delivery is a duplicate, or the dead letter is still missing.
   * @param of the upload that the report is about; by default, the current one
   * @throws Retryable if S3 does not respond, or other writers were faster three times
   */
  store(object: ObjectRef, content: ReportContent, of?: SourceIdentity): Promise<Reported>;
  /** Returns the ETag of the report at an object's key, if it is about the object. */
  find(object: ObjectRef): Promise<{ etag: string } | undefined>;
  /** Deletes a report if it still has this ETag. Returns whether it is gone. */
  withdraw(object: ObjectRef, etag: string): Promise<boolean>;
}

const ROUNDS = 3;
/** User metadata of a report. By the id, a writer recognizes its report if the response was lost. */
const METADATA = { id: 'report-id', status: 'status', message: 'message-id', source: 'source' } as const;

export function createFailureReports({
  storage,
  config,
}: {
  storage: Storage;
  config: Config;
}): FailureReports {
  const timing = timingOf(limitsOf(config.recipe));
  const overAt = (attempt: number, now: number) =>
    new Date(now + longestAttemptSeconds(attempt, timing) * 1000).toISOString();

  return {
    async store(object, content, of) {
      const key = failureKey(object, config);
      if (isTooLong(key)) return { kind: 'key too long' };
      let unanswered: Retryable | undefined;
      for (let round = 1; round <= ROUNDS; round += 1) {
        const before = await storage.head(config.failureBucket, key);
        const current = (await storage.head(object.bucket, object.key))?.identity;
        if (current === undefined) return { kind: 'gone' };
        if (of !== undefined && !apparentlySameUpload(of, current)) return { kind: 'superseded' };
        const id = randomUUID();
        const metadata = {
          [METADATA.id]: id,
          [METADATA.status]: content.status,
          [METADATA.message]: content.messageId,
          [METADATA.source]: current.versionId ?? current.etag,
        };
        if (content.status === 'attempting' && before !== undefined && isFinal(before.metadata, metadata))
          return { kind: 'stored', etag: before.identity.etag };
        const now = Date.now();
        const report: FailureReport = {
          version: 1,
          ...content,
          bucket: object.bucket,
          key: object.key,
          source: current,
          recipe: config.recipeId,
          at: new Date(now).toISOString(),
          overAt: content.status === 'attempting' ? overAt(content.attempt, now) : null,
        };
        const expected = before === undefined ? 'absent' : { etag: before.identity.etag };
        try {
          const written = await storage.putIf(expected, config.failureBucket, key, {
            body: JSON.stringify(report, undefined, 2),
            contentType: 'application/json',
            metadata,
          });
          if (written !== 'lost') return await unlessDeleted(object, written.etag);
          unanswered = undefined;
        } catch (error) {
          if (!(error instanceof Retryable)) throw error;
          unanswered = error;
        }
        const after = await storage.head(config.failureBucket, key);
        if (after?.metadata[METADATA.id] === id) return await unlessDeleted(object, after.identity.etag);
      }
      throw (
        unanswered ??
        new Retryable(
          'storage.contended',
          `other writers changed the failure report ${ROUNDS} times in a row`,
        )
      );
    },

    async find(object) {
      const key = failureKey(object, config);
      const stored = isTooLong(key) ? undefined : await storage.open(config.failureBucket, key);
      if (stored === undefined) return undefined;
      const { success, data } = failureReportSchema.safeParse(
        parseJson(Buffer.from(await stored.read()).toString()),
      );
      const isOfObject = success && data.bucket === object.bucket && data.key === object.key;
      return isOfObject ? { etag: stored.identity.etag } : undefined;
    },

    withdraw,
  };

  function withdraw(object: ObjectRef, etag: string): Promise<boolean> {
    return storage.deleteIf(etag, config.failureBucket, failureKey(object, config));
  }

  /**
   * If reports are deleted with their uploads, the deletion may have been processed before this report was stored.
   */
  async function unlessDeleted(object: ObjectRef, etag: string): Promise<Reported> {
    if (config.whenDeleted === 'keep' || (await storage.head(object.bucket, object.key)) !== undefined)
      return { kind: 'stored', etag };
    await withdraw(object, etag);
    return { kind: 'gone' };
  }
}

/** Returns whether the stored report is final, and of the same message about the same upload. */
function isFinal(report: Record<string, string>, own: Record<string, string>): boolean {
  const sameMessage = report[METADATA.message] === own[METADATA.message];
  const sameSource = report[METADATA.source] === own[METADATA.source];
  return report[METADATA.status] === 'failed' && sameMessage && sameSource;
}
