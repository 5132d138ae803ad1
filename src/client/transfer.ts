import { responseTo } from './no-response.ts';
import { withRetries, type RetryOptions } from './with-retries.ts';

/** A form or part to send to S3. */
export interface Transfer {
  method: 'POST' | 'PUT';
  url: string;
  body: FormData | Blob;
  /** Size of the file or part in bytes. */
  bytes: number;
}

/** S3's response. */
export interface Transferred {
  status: number;
  etag: string;
  /** XML, if S3 refused. */
  text: string;
}

/**
 * Sends a body to S3, and may report progress in bytes. Provided by the environment, because `fetch` cannot report
 * progress and only browsers have `XMLHttpRequest`. Throws if there is no response.
 */
export type SendToStorage = (transfer: Transfer, onProgress: (bytes: number) => void) => Promise<Transferred>;

/** S3 refused an upload. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly status: number;
  /** S3's own code, such as `AccessDenied`. */
  readonly code: string;
  /** S3's message. */
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
 * Sends a body to S3, with retries if they may help.
 * @returns the ETag
 * @throws StorageError if S3 refuses; the error of `send` if there is no response
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
  // A slow connection is not a mistake in the request, although S3 responds with 400.
  const { status, etag, text } = await withRetries(attempt, patience, (answer) =>
    answer.text.includes('<Code>RequestTimeout</Code>'),
  );
  if (status >= 200 && status < 300) return etag;
  const code = elementOf(text, 'Code') ?? String(status);
  throw new StorageError(status, code, elementOf(text, 'Message') ?? code);
}

/** Returns the text of an element in S3's errors, which have no nested elements. */
function elementOf(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text?.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, entity: keyof typeof ENTITIES) => ENTITIES[entity]);
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
