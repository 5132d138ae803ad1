import type { Source, Upload } from '../../client/source.ts';
import { StorageError } from '../../client/transfer.ts';
import { createUploader, type Uploader } from '../../client/uploader.ts';
import { patientApi, reasonOf } from '../shared/api.ts';
import type { Sized } from './gather-files.ts';
import { sendWithProgress } from './send.ts';

/** A file that this page is uploading. */
export type Item = Upload;

/** Browsers open six connections per origin. */
const AT_ONCE = 6;

interface UploadEvents {
  /** Called when something must be rendered. */
  onChange(): void;
  /** Called when a file has arrived or failed. */
  onSettled(): void;
  /** Called once, when the batch has its id. */
  onBatch(id: string): void;
  /** Called when the API refuses a file. */
  onRefused(source: Source, what: string): void;
}

/** The uploads of a batch, sent by this browser. */
export function createUploads(events: UploadEvents): Uploader {
  return createUploader({ client: patientApi, atOnce: AT_ONCE, send: sendWithProgress, ...events });
}

export function sourceOf({ path, file, size }: Sized): Source {
  return { name: path, type: mediaType(file), size, open: () => file };
}

/** Returns why an upload failed, as a sentence. */
export function failureOf({ error }: Item): string {
  return error instanceof StorageError ? `S3 refused the file: ${error.detail}` : reasonOf(error);
}

/** Returns the type that the browser derived from the extension. Nothing depends on it. */
function mediaType({ type }: File): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream';
}
