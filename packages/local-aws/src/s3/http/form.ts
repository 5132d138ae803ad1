import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { AwsError } from '../../aws-error.ts';
import type { S3Request } from './request.ts';

export interface FormFile {
  filename: string;
  contentType: string;
  stream: Readable;
}

/** S3's limit for everything before the file. */
const MOST_FIELD_BYTES = 20 * 1024;
const MOST_FIELDS = 100;

/**
 * Reads a browser's form up to its file, which is the last field that counts, and passes both to `onFile`. After a
 * refusal, reads and discards the rest, so that the browser can read the response.
 * @param fields by name in lower case
 */
export function readForm<T>(
  request: S3Request,
  onFile: (fields: Map<string, string>, file: FormFile) => Promise<T>,
): Promise<T> {
  const { incoming } = request;
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    let file: FormFile['stream'] | undefined;
    let failed = false;
    const fail = (error: unknown) => {
      failed = true;
      incoming.unpipe();
      incoming.resume();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    let form: BusboyInstance;
    try {
      form = new Busboy({
        // The file may also be text without a file name.
        isPartAFile: (name = '', type, filename) =>
          name.toLowerCase() === 'file' || filename !== undefined || type === 'application/octet-stream',
        headers: incoming.headers as BusboyHeaders,
        limits: {
          fieldSize: MOST_FIELD_BYTES,
          fields: MOST_FIELDS,
          files: 1,
          fileSize: Number.POSITIVE_INFINITY,
        },
      });
    } catch {
      return fail(malformed());
    }
    let bytes = 0;
    form.on('field', (name, value) => {
      if (failed) return;
      bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
      // Longer values are truncated.
      if (bytes < MOST_FIELD_BYTES) fields.set(name.toLowerCase(), value);
      else fail(fieldsTooLong());
    });
    form.on('fieldsLimit', () => fail(fieldsTooLong()));
    form.on('file', (name, stream, filename, _encoding, contentType) => {
      file = stream;
      // The parser still emits the rest of the chunk after a refusal.
      if (failed) return stream.resume();
      // Listens before the file is read, so that a later reader sees the error.
      stream.on('error', () => stream.destroy(malformed()));
      if (name.toLowerCase() !== 'file') {
        stream.resume();
        return fail(malformed());
      }
      onFile(fields, { filename: filename ?? '', contentType, stream }).then(resolve, (error: unknown) => {
        stream.resume();
        // An AbortError means that the reader stopped early.
        const { errored } = stream;
        fail(errored === null || errored.name === 'AbortError' ? error : malformed());
      });
    });
    form.on(
      'finish',
      () =>
        file !== undefined ||
        fail(new AwsError('InvalidArgument', 400, 'POST requires exactly one file upload per request.')),
    );
    // The reader discards an incomplete file before the response is sent.
    form.on('error', () => (file === undefined ? fail(malformed()) : file.destroy(malformed())));
    incoming.on('aborted', () => form.destroy(new Error('the client is gone')));
    incoming.pipe(form);
  });
}

function fieldsTooLong(): AwsError {
  return new AwsError(
    'MaxPostPreDataLengthExceededError',
    400,
    'Your POST request fields preceding the upload file were too large.',
    { MaxPostPreDataLength: String(MOST_FIELD_BYTES) },
  );
}

function malformed(): AwsError {
  return new AwsError(
    'MalformedPOSTRequest',
    400,
    'The body of your POST request is not well-formed multipart/form-data.',
  );
}
