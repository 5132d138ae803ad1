import { CODES, retryCanHelp } from '../../core/codes.ts';
import type { BatchObject } from '../../contract/types.ts';
import { sentence } from '../shared/words.ts';
import type { Session } from './session.ts';
import { failureOf, type Item } from './uploads.ts';
import type { Failure } from './view.ts';

const KNOWN: Partial<Record<string, { summary: string }>> = CODES;

/** Rows of files that never reached the bucket. */
const MOST = 200;

/** All failures, for people: first files that did not arrive, then uploads that could not be converted. */
export function failuresOf({ uploads, refused, watch }: Session): Failure[] {
  const again = (item: Item) => () => uploads.retry([item]);
  const seen = watch?.seen.failed ?? [];
  const byKey = new Map(seen.length === 0 ? [] : uploads.uploads.map((item) => [item.key, item]));
  return [
    ...uploads.uploads
      .filter(({ state }) => state === 'failed')
      .slice(0, MOST)
      .map((item): Failure => {
        const { key, name } = item;
        const reason = failureOf(item);
        return {
          id: `upload ${key} ${reason}`,
          name,
          reason: 'The upload failed.',
          detail: reason,
          retry: again(item),
        };
      }),
    ...refused.slice(0, MOST).map(({ path, reason }): Failure => {
      return { id: `refused ${path}`, name: path, reason, detail: '' };
    }),
    ...seen.map((object): Failure => {
      const failure = describe(object);
      const item = byKey.get(object.key);
      const canHelp = object.reason !== undefined && retryCanHelp(object.reason);
      return canHelp && item?.state === 'sent' ? { ...failure, retry: again(item) } : failure;
    }),
  ];
}

function describe(object: BatchObject): Failure {
  const { key, name, reason } = object;
  const summary = KNOWN[reason?.code ?? '']?.summary ?? reason?.message ?? 'it failed';
  return {
    id: key,
    name,
    reason: sentence(summary),
    detail: reason === undefined ? '' : `${reason.code}: ${reason.message}`,
  };
}
