import type { UploadAnswer } from '../../contract/types.ts';
import { reasonOf } from '../shared/call.ts';
import { api, type FileToSign } from './api.ts';
import type { Sized } from './gather-files.ts';
import { send, TransferFailed } from './send.ts';

/** A file on its way into the bucket. */
export interface Item extends Sized {
  /** Its name in the batch: the key without the prefix. */
  name: string;
  key: string;
  state: 'waiting' | 'sending' | 'sent' | 'failed';
  /** Bytes. */
  sent: number;
  /** Why it failed, in words. */
  reason: string;
}

/** Browsers open six connections to an origin. */
const AT_ONCE = 6;
/** Files signed by one call, which the interface limits. */
const SIGNED_AT_ONCE = 5000;
/** A policy is renewed this long before it ends. Milliseconds. */
const MARGIN = 60_000;
const PARTS_SIGNED_AT_ONCE = 20;

export interface Uploads {
  readonly items: readonly Item[];
  readonly paused: boolean;
  /** Signs and queues files. @throws RequestFailed when they cannot be signed */
  add(files: readonly Sized[], batch: string | undefined): Promise<string>;
  retry(items: readonly Item[]): void;
  pause(paused: boolean): void;
}

interface UploadEvents {
  /** Something is to be drawn. */
  onChange(): void;
  /** A file has arrived, or failed to. */
  onSettled(): void;
}

/** The uploads of a batch: some at the same time, in the order they came. */
export function createUploads({ onChange, onSettled }: UploadEvents): Uploads {
  const items: Item[] = [];
  const queue: Item[] = [];
  let batch: string | undefined;
  let policy: UploadAnswer | undefined;
  let renewing: Promise<UploadAnswer> | undefined;
  let paused = false;
  let active = 0;

  function fill(): void {
    while (active < AT_ONCE) {
      const item = paused ? undefined : queue.shift();
      if (item === undefined) break;
      active += 1;
      void transfer(item).finally(() => {
        active -= 1;
        onSettled();
        fill();
      });
    }
    onChange();
  }

  async function transfer(item: Item): Promise<void> {
    item.state = 'sending';
    try {
      const { multipartAbove } = await currentPolicy(item);
      await (item.size > multipartAbove ? sendParts(item) : sendForm(item));
      item.state = 'sent';
      item.sent = item.size;
    } catch (error) {
      item.state = 'failed';
      item.sent = 0;
      item.reason = reasonOf(error);
    }
  }

  async function sendForm(item: Item): Promise<void> {
    try {
      await postForm(item, await currentPolicy(item));
    } catch (error) {
      // The clocks differ: the policy ended earlier than this machine thinks.
      if (!(error instanceof TransferFailed) || error.code !== 'AccessDenied') throw error;
      policy = undefined;
      await postForm(item, await currentPolicy(item));
    }
  }

  function postForm(item: Item, { post }: UploadAnswer): Promise<string> {
    const form = new FormData();
    for (const [name, value] of Object.entries(post.fields)) form.append(name, value);
    form.append('key', item.key);
    form.append('Content-Type', mediaType(item.file));
    form.append('file', item.file);
    return send('POST', post.url, form, progressOf(item));
  }

  async function sendParts(item: Item): Promise<void> {
    const { key, uploadId, partSize, parts } = await api.begin(toSign(item), batch ?? '');
    const done: { partNumber: number; etag: string }[] = [];
    for (let first = 1; first <= parts; first += PARTS_SIGNED_AT_ONCE) {
      const last = Math.min(parts, first + PARTS_SIGNED_AT_ONCE - 1);
      const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      const signed = await api.signParts(uploadId, key, numbers);
      for (const { partNumber, url } of signed.parts) {
        const begin = (partNumber - 1) * partSize;
        const part = item.file.slice(begin, begin + partSize);
        const etag = await send('PUT', url, part, (bytes) => progressOf(item)(begin + bytes));
        done.push({ partNumber, etag });
      }
    }
    await api.complete(uploadId, key, done);
  }

  function progressOf(item: Item): (bytes: number) => void {
    return (bytes) => {
      item.sent = Math.min(bytes, item.size);
      onChange();
    };
  }

  async function currentPolicy(item: Item): Promise<UploadAnswer> {
    if (policy !== undefined && Date.parse(policy.expiresAt) - Date.now() > MARGIN) return policy;
    const rest = [item, ...queue].slice(0, SIGNED_AT_ONCE);
    renewing ??= api.sign(rest.map(toSign), batch).finally(() => (renewing = undefined));
    return (policy = await renewing);
  }

  return {
    items,
    get paused() {
      return paused;
    },
    async add(files, into) {
      batch = into;
      for (let begin = 0; begin < files.length; begin += SIGNED_AT_ONCE) {
        const some = files.slice(begin, begin + SIGNED_AT_ONCE);
        const signed = await api.sign(
          some.map(({ path, file, size }) => toSign({ name: path, file, size })),
          batch,
        );
        ({ batch } = signed);
        policy = signed;
        const added = some.map((each, index): Item => {
          const key = signed.files[index]?.key ?? '';
          const name = key.slice(signed.prefix.length);
          return { ...each, name, key, state: 'waiting', sent: 0, reason: '' };
        });
        items.push(...added);
        queue.push(...added);
        fill();
      }
      return batch ?? '';
    },
    retry(again) {
      for (const item of again) Object.assign(item, { state: 'waiting', sent: 0, reason: '' });
      queue.push(...again);
      fill();
    },
    pause(now) {
      paused = now;
      fill();
    },
  };
}

function toSign({ name, file, size }: { name: string; file: File; size: number }): FileToSign {
  return { name, size, type: mediaType(file) };
}

/** What the browser makes of the ending; nothing depends on it. */
function mediaType({ type }: File): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream';
}
