import type { SendToStorage } from '../../client/transfer.ts';

/** Sends a body to S3 and reports progress, which `fetch` cannot do. */
export const sendWithProgress: SendToStorage = ({ method, url, body }, onProgress) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    request.addEventListener('load', () => {
      const { status, responseText: text } = request;
      resolve({ status, etag: request.getResponseHeader('etag') ?? '', text });
    });
    request.addEventListener('error', () =>
      reject(new Error('The connection to S3 was interrupted, or S3 refused this page.')),
    );
    request.send(body);
  });
