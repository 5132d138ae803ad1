import type { UploadAnswer } from '../contract/types.ts';
import { distinctNames } from '../contract/unique-names.ts';
import type { Client } from './client.ts';
import { createFormPolicies } from './form-policies.ts';
import type { RetryOptions } from './with-retries.ts';
import { sendInParts } from './send-parts.ts';
import { requestsOf, signFiles } from './sign-files.ts';
import type { Source, Upload } from './source.ts';
import { sendWithRetries, sendWithFetch, StorageError, type SendToStorage } from './transfer.ts';

export interface UploaderOptions<S extends Source> extends RetryOptions {
  client: Client;
  /** Number of concurrent uploads. */
  atOnce: number;
  /** Sends to S3: with `fetch` by default. */
  send?: SendToStorage;
  /** Called when files are queued, start, or have sent more bytes. */
  onChange?(): void;
  /** Called when a file has arrived or failed. */
  onSettled?(upload: Upload<S>): void;
  /** Called for each file that the API refuses. Without it, `add` throws once the other files are queued. */
  onRefused?(source: S, what: string): void;
  /** Called once, when the batch has its id. */
  onBatch?(id: string): void;
}

/** Uploads files as one batch, several concurrently, in the order in which they were added. */
export interface Uploader<S extends Source = Source> {
  readonly uploads: readonly Upload<S>[];
  readonly paused: boolean;
  /**
   * Signs and queues files.
   * @param batch the batch to add to; by default, the last one, or a new one
   * @returns the batch's id; undefined if the API has not accepted a file yet
   * @throws ApiError if a whole request is refused; Error that names the files that the API refuses
   */
  add(files: readonly S[], batch?: string): Promise<string | undefined>;
  /** Sends uploads again, except those that are waiting or being sent. */
  retry(uploads: readonly Upload<S>[]): void;
  pause(paused: boolean): void;
  /** Waits until nothing is queued or being sent; after `stop` is aborted, only until nothing is being sent. */
  idle(): Promise<void>;
}

export function createUploader<S extends Source>(options: UploaderOptions<S>): Uploader<S> {
  const { client, atOnce, send = sendWithFetch, onRefused, ...patience } = options;
  const onChange = () => calling(() => options.onChange?.());
  const onSettled = (upload: Upload<S>) => calling(() => options.onSettled?.(upload));
  const onBatch = (id: string) => calling(() => options.onBatch?.(id));
  const { stop } = patience;
  const uploads: Upload<S>[] = [];
  const queue: Upload<S>[] = [];
  const signedBy = new WeakMap<Upload<S>, UploadAnswer>();
  const policies = createFormPolicies(client);
  const waiting: (() => void)[] = [];
  let batch: string | undefined;
  let adding: Promise<unknown> = Promise.resolve();
  let paused = false;
  let active = 0;

  const isIdle = () => active === 0 && (queue.length === 0 || stop?.aborted === true);

  function fill(): void {
    for (;;) {
      const upload = active < atOnce && !paused && !stop?.aborted ? queue.shift() : undefined;
      if (upload === undefined) break;
      active += 1;
      void transfer(upload).finally(() => {
        active -= 1;
        onSettled(upload);
        fill();
      });
    }
    onChange();
    if (isIdle()) for (const resolve of waiting.splice(0)) resolve();
  }

  async function transfer(upload: Upload<S>): Promise<void> {
    const signed = signedBy.get(upload);
    upload.state = 'sending';
    try {
      if (signed === undefined) throw new Error('nothing has signed for this upload');
      const { source, name } = upload;
      if (source.size > signed.multipartAbove)
        await sendInParts({ client, send, ...patience }, { batch: signed.batch, name, source }, note(upload));
      else await sendForm(upload, signed);
      Object.assign(upload, { state: 'sent', sent: source.size });
    } catch (error) {
      Object.assign(upload, { state: 'failed', sent: 0, error });
    }
  }

  async function sendForm(upload: Upload<S>, signed: UploadAnswer): Promise<void> {
    const policy = await policies.current(signed, upload.source);
    try {
      await post(upload, policy);
    } catch (error) {
      const mayHaveEnded = error instanceof StorageError && error.code === 'AccessDenied';
      if (stop?.aborted || !mayHaveEnded || !policies.refused(policy)) throw error;
      await post(upload, await policies.current(signed, upload.source));
    }
  }

  async function post(upload: Upload<S>, { post: { url, fields } }: UploadAnswer): Promise<void> {
    const { key, source } = upload;
    const file = await source.open();
    const form = () => {
      const body = new FormData();
      for (const [name, value] of Object.entries({ ...fields, key, 'Content-Type': source.type }))
        body.append(name, value);
      body.append('file', file);
      return { method: 'POST' as const, url, body, bytes: source.size };
    };
    await sendWithRetries(send, form, patience, note(upload));
  }

  function note(upload: Upload<S>): (bytes: number) => void {
    return (bytes) => {
      upload.sent = Math.min(bytes, upload.source.size);
      onChange();
    };
  }

  async function add(files: readonly S[], into = batch): Promise<string | undefined> {
    batch = into;
    const refused: string[] = [];
    const refuse = (source: S, what: string) => {
      if (onRefused === undefined) refused.push(`${source.name}: ${what}`);
      else calling(() => onRefused(source, what));
    };
    const names = distinctNames(files.map(({ name }) => name));
    const named = files.map((source, index) => ({ source, name: names[index] ?? source.name }));
    for (const request of requestsOf(named)) {
      if (stop?.aborted) break;
      const taken = await signFiles(client, request, batch, refuse);
      if (taken === undefined) continue;
      const { signed } = taken;
      policies.note(signed);
      if (batch === undefined) onBatch(signed.batch);
      ({ batch } = signed);
      const added = taken.files.map((source, index): Upload<S> => {
        const key = signed.files[index]?.key ?? '';
        return { source, key, name: key.slice(signed.prefix.length), state: 'waiting', sent: 0 };
      });
      for (const upload of added) signedBy.set(upload, signed);
      // Thousands of files are too many arguments for one call.
      for (const upload of added) {
        uploads.push(upload);
        queue.push(upload);
      }
      fill();
    }
    if (refused.length > 0) throw new Error(`the API does not take ${refused.join('; ')}`);
    return batch;
  }

  stop?.addEventListener('abort', fill, { once: true });
  return {
    uploads,
    get paused() {
      return paused;
    },
    add(files, into) {
      // Sequential, so that two simultaneous calls share a batch.
      const added = adding.then(() => add(files, into));
      adding = added.catch(() => undefined);
      return added;
    },
    retry(again) {
      for (const upload of again) {
        if (upload.state === 'waiting' || upload.state === 'sending') continue;
        Object.assign(upload, { state: 'waiting', sent: 0, error: undefined });
        queue.push(upload);
      }
      fill();
    },
    pause(now) {
      paused = now;
      fill();
    },
    idle() {
      return isIdle() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

/** Calls a callback. As with event listeners, its errors are the caller's and not the transfer's. */
function calling(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
