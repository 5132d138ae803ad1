import type { FailureReport } from '../../core/failure-report.ts';
import type { ObjectRef } from '../../core/object-ref.ts';

/** A result or failure report whose source was deleted, as it was before the source was checked. */
export interface Orphan {
  type: 'orphan';
  kind: 'result' | 'report';
  bucket: string;
  key: string;
  source: Pick<ObjectRef, 'bucket' | 'key'>;
  bytes: number;
  /** With quotes. A deletion must name it, because a later upload may have another result under the key. */
  etag: string;
  /** On a versioned bucket. */
  versionId?: string;
  /** The content of a failure report. */
  report?: FailureReport;
}

/** A result whose name the current rules no longer give, as it was when it was found. */
export interface Former extends Omit<Orphan, 'type' | 'report'> {
  type: 'former';
  kind: 'result';
  /** Its rendition under the former rules. */
  rendition: string;
}

/** An object in the result or failure bucket that this pipeline did not make for any source that its key can mean. */
export interface Unknown {
  type: 'unknown';
  bucket: string;
  key: string;
  /** The upload that its key means; absent if it means none. */
  source?: Orphan['source'];
}

/** A key whose upload exists. */
export interface Uploaded {
  type: 'uploaded';
  source: Orphan['source'];
}
