/** A transfer that S3 refused or that broke off. */
export class TransferFailed extends Error {
  override readonly name = 'TransferFailed';
  /** S3's code; empty when there was no answer. */
  readonly code: string;
  readonly transient: boolean;

  constructor(code: string, message: string, transient: boolean) {
    super(message);
    this.code = code;
    this.transient = transient;
  }
}

const TRIES = 3;

/** Sends a body to S3 and tells how far it is; what may be mended by trying again is tried again. Answers the ETag. */
export async function send(
  method: 'POST' | 'PUT',
  url: string,
  body: FormData | Blob,
  onProgress: (bytes: number) => void,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(method, url, body, onProgress);
    } catch (error) {
      onProgress(0);
      if (!(error instanceof TransferFailed) || !error.transient || attempt === TRIES) throw error;
      const pause = 500 * 2 ** attempt * (0.5 + Math.random());
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** `fetch` cannot tell how much of a request is sent. */
function sendOnce(
  method: string,
  url: string,
  body: FormData | Blob,
  onProgress: (bytes: number) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve(request.getResponseHeader('etag') ?? '');
      else reject(refusal(request));
    });
    request.addEventListener('error', () =>
      reject(
        new TransferFailed('', 'The connection to the storage broke off, or it refused this page.', true),
      ),
    );
    request.send(body);
  });
}

function refusal({ status, responseText }: XMLHttpRequest): TransferFailed {
  const answer = new DOMParser().parseFromString(responseText, 'application/xml');
  const text = (name: string) => answer.querySelector(`Error > ${name}`)?.textContent ?? '';
  const code = text('Code') || `status ${status}`;
  const message = `The storage refused it: ${text('Message') || code}`;
  return new TransferFailed(code, message, status >= 500 || code === 'RequestTimeout');
}
