import { responseTo } from './no-response.ts';
import { withRetries, type RetryOptions } from './with-retries.ts';

/** A form or a part on its way to S3. */
export interface Transfer {
  method: 'POST' | 'PUT';
  url: string;
  body: FormData | Blob;
  /** Of the file or the part. */
  bytes: number;
}

/** What S3 answered. */
export interface Transferred {
  status: number;
  etag: string;
  /** XML, when it refused. */
  text: string;
}

/**
 * Sends a body to S3, and may say how many bytes are sent. The environment provides it: `fetch` cannot tell how much
 * it has sent, `XMLHttpRequest` is in browsers only. It throws when there is no answer.
 */
export type SendToStorage = (transfer: Transfer, onProgress: (bytes: number) => void) => Promise<Transferred>;

/** S3 refused an upload. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly status: number;
  /** S3's own code, such as `AccessDenied`. */
  readonly code: string;
  /** What S3 said about it. */
  readonly detail: string;

  constructor(status: number, code: string, detail: string) {
    super(`S3 refused it: ${code}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/** Time for S3's answer after everything is sent. */
const ANSWER_MILLISECONDS = 60_000;
const SLOWEST_BYTES_PER_SECOND = 10_000;

/** Sends with `fetch`, and ends a stalled transfer, which is slower than any real upload. */
export const sendWithFetch: SendToStorage = async ({ method, url, body, bytes }) => {
  const time = ANSWER_MILLISECONDS + Math.ceil((bytes / SLOWEST_BYTES_PER_SECOND) * 1000);
  const request = { method, body, signal: AbortSignal.timeout(time) };
  const answer = await responseTo({ method, url }, fetch(url, request));
  const text = await responseTo({ method, url }, answer.text());
  return { status: answer.status, etag: answer.headers.get('etag') ?? '', text };
};

/**
 * Sends a body to S3, again when that may help.
 * @returns the ETag
 * @throws StorageError when S3 refuses; what `send` throws when there is no answer
 */
export async function sendWithRetries(
  send: SendToStorage,
  transfer: () => Transfer,
  patience: RetryOptions,
  onProgress: (bytes: number) => void,
): Promise<string> {
  const attempt = () => {
    onProgress(0);
    return send(transfer(), onProgress);
  };
  // A connection that was slow to send is not a mistake of the request, though S3 answers 400.
  const { status, etag, text } = await withRetries(attempt, patience, (answer) =>
    answer.text.includes('<Code>RequestTimeout</Code>'),
  );
  if (status >= 200 && status < 300) return etag;
  const code = elementOf(text, 'Code') ?? String(status);
  throw new StorageError(status, code, elementOf(text, 'Message') ?? code);
}

/** Returns the text of an element of S3's errors, which have no elements within elements. */
function elementOf(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text?.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, entity: keyof typeof ENTITIES) => ENTITIES[entity]);
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
