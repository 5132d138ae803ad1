import { longestTransfer, type SendToStorage } from '../../client/transfer.ts';

/** Sends a body to S3 and reports progress, which `fetch` cannot do. Ends a stalled transfer. */
export const sendWithProgress: SendToStorage = (transfer, onProgress) =>
  new Promise((resolve, reject) => {
    const { method, url, body } = transfer;
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.timeout = longestTransfer(transfer);
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    request.addEventListener('load', () => {
      const { status, responseText: text } = request;
      resolve({ status, etag: request.getResponseHeader('etag') ?? '', text });
    });
    request.addEventListener('error', () =>
      reject(new Error('The connection to S3 was interrupted, or S3 refused this page.')),
    );
    request.addEventListener('timeout', () => reject(new Error('S3 did not respond in time.')));
    request.send(body);
  });
