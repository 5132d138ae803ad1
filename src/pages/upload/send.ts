import type { SendToStorage } from '../../client/transfer.ts';

/** A transfer that makes no progress for this long has stalled. Before its first byte, it may wait for a connection. */
const IDLE_MILLISECONDS = 120_000;

/** Sends a body to S3 and reports progress, which `fetch` cannot do. */
export const sendWithProgress: SendToStorage = ({ method, url, body }, onProgress) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let idle: ReturnType<typeof setTimeout> | undefined;
    request.open(method, url);
    request.upload.addEventListener('progress', ({ loaded }) => {
      clearTimeout(idle);
      idle = setTimeout(() => request.abort(), IDLE_MILLISECONDS);
      onProgress(loaded);
    });
    request.addEventListener('load', () => {
      const { status, responseText: text } = request;
      resolve({ status, etag: request.getResponseHeader('etag') ?? '', text });
    });
    request.addEventListener('error', () =>
      reject(new Error('The connection to S3 was interrupted, or S3 refused this page.')),
    );
    request.addEventListener('abort', () => reject(new Error('The connection to S3 stalled.')));
    request.addEventListener('loadend', () => clearTimeout(idle));
    request.send(body);
  });
