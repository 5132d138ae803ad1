import { sizesInBatch } from '../../client/batch.ts';
import type { Source } from '../../client/source.ts';
import type { Uploader } from '../../client/uploader.ts';
import { ignoringNames } from '../../core/ignored.ts';
import { cleanName } from '../../contract/clean-name.ts';
import { distinctNames } from '../../contract/unique-names.ts';
import { api, reasonOf } from '../shared/api.ts';
import { watchBatch, type BatchWatch } from './batch-watch.ts';
import { sizeFiles, type Gathered, type Sized } from './gather-files.ts';
import { memory, refusedMemory, type Refused } from './memory.ts';
import { createUploads, sourceOf, type Item } from './uploads.ts';
import * as words from '../shared/words.ts';

/** The page's batch: the chosen files, those already sent, and their state on the server. */
export interface Session {
  readonly uploads: Uploader;
  /** Files that were not sent. */
  readonly refused: readonly Refused[];
  readonly watch: BatchWatch | undefined;
  /** The batch's expected number of files, without refused ones. */
  readonly expected: number;
  /** The notice about the last action. */
  readonly notice: string;
  /** Files that had not been sent when the page was left. */
  missing(): number;
  /** Adds files to the batch, or starts one. */
  take(gathering: Promise<Gathered[]> | Gathered[]): Promise<void>;
}

export function isUnderWay({ state }: Item): boolean {
  return state === 'waiting' || state === 'sending';
}

/** Which files the pipeline refuses or ignores. */
export interface Intake {
  /** Larger files are refused. */
  maxBytes: number;
  /** Patterns for names that the recipe ignores. */
  ignore: readonly string[];
}

export function createSession({ maxBytes, ignore }: Intake, onChange: () => void): Session {
  const isIgnored = ignoringNames(ignore);
  const uploads = createUploads({ onChange, onSettled: () => watch?.wake(), onBatch: open, onRefused });
  let refused = refusedMemory.read();
  let watch: BatchWatch | undefined;
  let batch = new URL(location.href).searchParams.get('batch') ?? undefined;
  let expected = batch === undefined ? 0 : memory.expected(batch);
  let notice = '';
  if (batch !== undefined) open(batch);

  function open(id: string): void {
    batch = id;
    const url = new URL(location.href);
    url.searchParams.set('batch', id);
    history.replaceState(history.state, '', url);
    watch = watchBatch(id, isLive, onChange);
    watch.wake();
  }

  function isLive(): boolean {
    return (
      (watch?.seen.counts.pending ?? 0) > 0 || watch?.known === false || uploads.uploads.some(isUnderWay)
    );
  }

  function missing(): number {
    if (uploads.uploads.length > 0 || watch?.known !== true) return 0;
    return Math.max(0, expected - watch.seen.counts.uploaded);
  }

  /** Immediately reports files that S3 or the pipeline would refuse, and returns the rest. */
  function acceptable(files: readonly Sized[]): Sized[] {
    const good = files.filter(({ size }) => size > 0 && size <= maxBytes);
    const bad = files.filter(({ size }) => size === 0 || size > maxBytes);
    // Files that are added again are checked again.
    const given = new Set(files.map(({ path }) => path));
    refused = refused.filter(({ path }) => !given.has(path));
    for (const { path, size } of bad) {
      const reason = size === 0 ? 'Empty: the file has no bytes.' : describeTooLarge(size);
      refused.push({ path, reason });
    }
    refusedMemory.write(refused);
    return good;
  }

  function onRefused({ name: path }: Source, what: string): void {
    refused.push({ path, reason: words.sentence(what) });
    refusedMemory.write(refused);
  }

  function describeTooLarge(size: number): string {
    return `Too large: ${words.bytes(size)}. This pipeline accepts at most ${words.bytes(maxBytes)}.`;
  }

  /** Makes duplicate names unique, in the same way each time the folder is added. */
  function named(files: readonly Sized[]): Sized[] {
    const names = distinctNames(files.map(({ path }) => path));
    return files.map((file, index) => ({ ...file, path: names[index] ?? file.path }));
  }

  /** Returns the failed uploads of files that are added again. */
  function failedOf(files: readonly Sized[]): Item[] {
    const sizes = new Map(files.map(({ path, size }) => [path, size]));
    return uploads.uploads.filter(
      ({ state, source }) => state === 'failed' && sizes.get(source.name) === source.size,
    );
  }

  /** Names and sizes of files already in the batch, so that the same folder can be added again after a reload. */
  async function present(): Promise<Map<string, number>> {
    const own = uploads.uploads
      .filter(({ state }) => state !== 'failed')
      .map(({ source }) => [cleanName(source.name), source.size] as const);
    return new Map([...own, ...(batch === undefined ? [] : await sizesInBatch(api, batch))]);
  }

  return {
    uploads,
    get refused() {
      return refused;
    },
    get watch() {
      return watch;
    },
    get expected() {
      return expected;
    },
    get notice() {
      return notice;
    },
    missing,

    async take(gathering) {
      try {
        const given = await gathering;
        const meant = given.filter(({ path }) => !isIgnored(path));
        const good = named(acceptable(await sizeFiles(meant)));
        const there = await present();
        const sizeOf = ({ path }: Gathered) => there.get(cleanName(path));
        const again = failedOf(good);
        const names = new Set(again.map(({ source }) => source.name));
        const fresh = good.filter(
          (gathered) => sizeOf(gathered) !== gathered.size && !names.has(gathered.path),
        );
        uploads.retry(again);
        const more = fresh.filter((gathered) => sizeOf(gathered) === undefined).length - missing();
        if (fresh.length > 0) {
          const before = refused.length;
          const id = await uploads.add(fresh.map(sourceOf), batch);
          expected += Math.max(0, more - (refused.length - before));
          if (id !== undefined) memory.expect(id, expected);
        }
        const skipped = good.length - fresh.length - again.length;
        const ignored = given.length - meant.length;
        notice = [
          ...(skipped > 0 ? [`${words.files(skipped)} already uploaded: skipped.`] : []),
          ...(ignored > 0 ? [`${words.files(ignored)} ignored (${ignore.join(', ')}).`] : []),
        ].join(' ');
      } catch (error) {
        notice = reasonOf(error);
      }
      watch?.wake();
      onChange();
    },
  };
}
