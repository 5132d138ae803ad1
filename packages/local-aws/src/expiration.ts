import type { Journal } from './journal.ts';
import type { S3Model } from './s3/model.ts';

interface ExpirationDeps {
  s3: S3Model;
  journal: Journal;
  onError(error: unknown): void;
}

const DAY = 86_400_000;
/** Keys per journal write. Other work can run between writes. */
const KEYS_A_WRITE = 1000;

/**
 * Applies the lifecycle rules of all buckets now and once a day, as S3 does.
 * @returns a function that stops it
 */
export function startExpiration(deps: ExpirationDeps): () => Promise<void> {
  const stopping = new AbortController();
  const age = () => ageBuckets(deps, stopping.signal).catch(deps.onError);
  let ageing = age();
  const timer = setInterval(() => void (ageing = ageing.then(age)), DAY);
  timer.unref();
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await ageing;
  };
}

async function ageBuckets({ s3, journal }: ExpirationDeps, stop: AbortSignal): Promise<void> {
  let keys = 0;
  for (const bucket of s3.buckets()) {
    for (const _ of s3.expire(bucket)) {
      keys += 1;
      if (keys % KEYS_A_WRITE === 0) await journal.flush();
      if (stop.aborted) return;
    }
  }
  await journal.flush();
}
