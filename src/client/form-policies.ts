import type { UploadAnswer } from '../contract/types.ts';
import type { Client } from './client.ts';
import type { Source } from './source.ts';

/** A policy is renewed if it expires within this time, which may be during the next file. */
const MARGIN_MILLISECONDS = 2 * 60_000;
/** A policy refused at this age may have expired by S3's clock. */
const SUSPECT_MILLISECONDS = 60_000;

/** A batch's form policies, renewed before they expire. */
export interface FormPolicies {
  /** Records that a policy was just signed. */
  note(signed: UploadAnswer): void;
  /** Returns a valid policy. @param signed the response that signed the file */
  current(signed: UploadAnswer, source: Source): Promise<UploadAnswer>;
  /** S3 refused a file with this policy. @returns whether a retry may help, because the clocks may differ */
  refused(policy: UploadAnswer): boolean;
}

export function createFormPolicies(client: Client): FormPolicies {
  const signedAt = new WeakMap<UploadAnswer, number>();
  const ended = new WeakSet<UploadAnswer>();
  /** The latest policy of each batch, and the request for the next. */
  const renewed = new Map<string, UploadAnswer>();
  const renewing = new Map<string, Promise<UploadAnswer>>();

  const holds = (policy: UploadAnswer) =>
    !ended.has(policy) && Date.parse(policy.expiresAt) - Date.now() > MARGIN_MILLISECONDS;

  async function renew(batch: string, { name, size }: Source): Promise<UploadAnswer> {
    // Without a media type it is signed for every type.
    const answer = await client.createUploads({ batch, files: [{ name, size }] });
    signedAt.set(answer, performance.now());
    renewed.set(batch, answer);
    return answer;
  }

  return {
    note: (signed) => void signedAt.set(signed, performance.now()),
    async current(signed, source) {
      const { batch } = signed;
      for (const policy of [signed, renewed.get(batch)])
        if (policy !== undefined && holds(policy)) return policy;
      const next = renewing.get(batch) ?? renew(batch, source).finally(() => renewing.delete(batch));
      renewing.set(batch, next);
      return next;
    },
    refused(policy) {
      if (performance.now() - (signedAt.get(policy) ?? 0) < SUSPECT_MILLISECONDS) return false;
      ended.add(policy);
      return true;
    },
  };
}
