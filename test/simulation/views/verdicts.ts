import type { BatchCounts, BatchPage } from '../../../src/api/batch-view.ts';
import type { ObjectStatus } from '../../../src/ops/object-status.ts';
import type { World } from '../world.ts';
import type { PossibleStates, ViewState } from './possible-states.ts';
import type { PageView } from './view.ts';
import type { Window } from './window.ts';

/** Compares what a view said with what it may say. Each function returns a violation, if any. */
export interface Verdicts {
  onCounts(counts: BatchCounts, prefix: string): string | undefined;
  onPage(page: BatchPage, request: PageView): string | undefined;
  onObject(state: ObjectStatus): string | undefined;
}

const STATES = ['converted', 'failed', 'pending'] as const;

export function createVerdicts(world: World, window: Window, possible: PossibleStates): Verdicts {
  const keysUnder = (prefix: string) => [...world.history.keys()].filter((key) => key.startsWith(prefix));
  const listing = (key: string) => possible.of(key, 'listings');

  function onListed(
    { key, name, state, bytes, uploadedAt, results, reason }: BatchPage['objects'][number],
    prefix: string,
  ) {
    const says = `a batch shows ${key} as ${state}`;
    const states = listing(key);
    if (!states.has(state as ViewState)) return `${says}, and it was ${[...states].join(' or ')}`;
    if (name !== key.slice(prefix.length)) return `${says} with the name ${name}`;
    const isSource = window
      .sources(key)
      .some(
        (source) =>
          source?.bytes.byteLength === bytes &&
          Math.floor(source.at / 1000) * 1000 === Date.parse(uploadedAt),
      );
    if (!isSource) return `${says} with ${bytes} bytes of ${uploadedAt}, and no upload was that`;
    if (state === 'converted') {
      const wanted = possible.results(key);
      const isTrue = wanted.every(({ key: resultKey, rendition, bytes: sizes }, index) => {
        const result = results?.[index];
        return result?.key === resultKey && result.rendition === rendition && sizes.includes(result.bytes);
      });
      if (!isTrue || results?.length !== wanted.length)
        return `${says} with the results ${JSON.stringify(results)}, and it had ${JSON.stringify(wanted)}`;
    }
    if (state === 'failed') {
      const reports = possible.reports(key);
      if (!reports.some((report) => report?.code === reason?.code))
        return `${says} because of ${reason?.code}, and no report said so`;
    }
    return undefined;
  }

  return {
    onCounts({ uploaded, truncated, ...counts }, prefix) {
      const says = `a batch counts ${JSON.stringify({ uploaded, ...counts })}`;
      if (truncated) return `${says} and says that it has more`;
      if (uploaded !== counts.converted + counts.failed + counts.pending + counts.ignored)
        return `${says}, which do not add up`;
      const all = keysUnder(prefix).map(listing);
      const atMost = all.filter((states) => states.size > 1 || !states.has('absent')).length;
      const atLeast = all.filter((states) => !states.has('absent')).length;
      if (uploaded > atMost || uploaded < atLeast)
        return `${says}, and there were ${atLeast} to ${atMost} uploads`;
      for (const state of STATES) {
        const most = all.filter((states) => states.has(state)).length;
        const least = all.filter((states) => states.size === 1 && states.has(state)).length;
        if (counts[state] > most || counts[state] < least)
          return `${says}, and ${least} to ${most} were ${state}`;
      }
      return undefined;
    },

    onPage({ objects, next }, { prefix, state, after, limit }) {
      const keys = objects.map(({ key }) => key);
      const says = `a page of a batch has ${keys.join(' and ') || 'nothing'}`;
      const bytes = (text: string) => Buffer.from(text);
      const isAfter = (key: string, other: string) => bytes(key).compare(bytes(other)) > 0;
      if (keys.length > limit) return `${says}, more than ${limit}`;
      if (keys.some((key, index) => index > 0 && !isAfter(key, keys[index - 1] ?? '')))
        return `${says}, not in their order`;
      for (const object of objects) {
        const { key } = object;
        if (!key.startsWith(prefix) || (after !== undefined && !isAfter(key, after)))
          return `${says}, and ${key} is not in it`;
        if (state !== undefined && object.state !== state) return `${says}, and ${key} is ${object.state}`;
        const wrong = onListed(object, prefix);
        if (wrong !== undefined) return wrong;
      }
      for (const key of keysUnder(prefix)) {
        const isBefore = after !== undefined && !isAfter(key, after);
        if (isBefore || (next !== undefined && isAfter(key, next)) || keys.includes(key)) continue;
        const states = listing(key);
        const mayMiss =
          states.has('absent') || (state !== undefined && [...states].some((each) => each !== state));
        if (!mayMiss) return `${says}, and not ${key}`;
      }
      return undefined;
    },

    onObject(said) {
      const { key, status } = said;
      const states = possible.of(key, 'objects');
      const state = status === 'unknown' ? 'absent' : status;
      if (!states.has(state as ViewState))
        return `the status of ${key} is ${status}, and it was ${[...states].join(' or ')}`;
      if (said.status === 'failed' && !possible.reports(key).some((report) => report?.code === said.code))
        return `the status of ${key} says ${said.code}, and no report said so`;
      return undefined;
    },
  };
}
