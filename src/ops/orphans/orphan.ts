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
  /** With quotes. A deletion must name it, since a later upload may have got another result under the key. */
  etag: string;
  /** On a versioned bucket. */
  versionId?: string;
  /** The content of a failure report. */
  report?: FailureReport;
}

/** A result whose name the present rules give to no result of its upload, as it was when it was found. */
export interface Former extends Omit<Orphan, 'type' | 'report'> {
  type: 'former';
  kind: 'result';
  /** Its own, under the former rules. */
  rendition: string;
}

/** An object in the result or failure bucket that is not this pipeline's for any source that its key can mean. */
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
