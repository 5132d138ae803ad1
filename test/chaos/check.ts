import type { KeyAtEnd, Operation } from './history.ts';

/**
 * Checks a history like Jepsen, based only on what clients saw and on the state at the end, not on what the pipeline
 * reports about its own work. Returns a description of every contradiction.
 */
export function contradictions(history: readonly Operation[], ends: readonly KeyAtEnd[]): string[] {
  const operations = new Map<string, Operation[]>(ends.map(({ key }) => [key, []]));
  const found: string[] = [];
  for (const operation of history) {
    const ofKey = operations.get(operation.key);
    if (ofKey !== undefined) ofKey.push(operation);
    else if (operation.outcome === 'ok') found.push(`${operation.key}: nothing is known of it at the end`);
  }
  for (const end of ends) {
    const ofKey = operations.get(end.key) ?? [];
    const all = [...uploadsOf(ofKey, end), ...resultsOf(end), ...latestOf(ofKey, end)];
    found.push(...all.map((what) => `${end.key}: ${what}`));
  }
  return found;
}

/** Checks that acknowledged writes exist, in the order of their acknowledgement. */
function* uploadsOf(
  operations: readonly Operation[],
  { uploads, deleteMarkers }: KeyAtEnd,
): Generator<string> {
  const acknowledged = operations.filter(({ outcome }) => outcome === 'ok');
  for (const { versionId = '', kind, begun } of acknowledged) {
    if ([...uploads, ...deleteMarkers].includes(versionId)) continue;
    // A delete marker without versions expires at the next start, by the bucket's lifecycle rules.
    const hidesSomething = acknowledged.some((other) => other.kind === 'put' && other.ended < begun);
    if (kind === 'put' || hidesSomething) yield `an acknowledged ${kind} is lost: version ${versionId}`;
  }
  const puts = acknowledged.filter(({ versionId = '' }) => uploads.includes(versionId));
  for (const first of puts) {
    for (const second of puts) {
      const [earlier = 0, later = 0] = [first, second].map(({ versionId = '' }) =>
        uploads.indexOf(versionId),
      );
      if (first.ended < second.begun && earlier >= later)
        yield `version ${second.versionId} came after ${first.versionId}, and lies before it`;
    }
  }
}

/** Checks that each upload was converted at most once, and no result replaced a later one. */
function* resultsOf({ uploads, results }: KeyAtEnd): Generator<string> {
  let latest = -1;
  for (const { sourceVersionId } of results) {
    const source = uploads.indexOf(sourceVersionId ?? '');
    if (source < 0) yield `a result derives from ${sourceVersionId}, which is no upload`;
    else if (source === latest) yield `version ${sourceVersionId} was converted twice`;
    else if (source < latest) yield `the result went back to version ${sourceVersionId}`;
    latest = Math.max(latest, source);
  }
}

/** Checks that the latest upload has its result, with its contents, or a reason for having none. */
function* latestOf(
  operations: readonly Operation[],
  { uploads, deleted, results, status, deadLetters }: KeyAtEnd,
): Generator<string> {
  const current = uploads.at(-1);
  if (current === undefined || deleted) return;
  const puts = operations.filter(({ kind }) => kind === 'put');
  const acknowledged = puts.filter(({ versionId }) => versionId === current);
  // The version of a put without a response is unknown; it is one of these.
  const candidates =
    acknowledged.length > 0 ? acknowledged : puts.filter(({ outcome }) => outcome === 'unknown');
  const contents = candidates.map(({ content }) => content);
  const result = results.at(-1);
  if (result?.sourceVersionId === current) {
    if (result.colour === undefined || !contents.includes(result.colour))
      yield `the result has the colour ${result.colour}, and not ${contents.join(' or ')}`;
    if (status.status !== 'converted') yield `it is converted, and its status is ${status.status}`;
  } else if (contents.includes('corrupt')) {
    if (status.code !== 'image.corrupt') yield `it is corrupt, and its status is ${JSON.stringify(status)}`;
    if (!deadLetters.includes('image.corrupt'))
      yield `it is corrupt, and its dead letters are [${deadLetters.join()}]`;
  } else {
    yield 'the latest upload has no result';
  }
}
