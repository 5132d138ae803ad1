import type { Content } from './scenario.ts';
import type { NamedUpload } from './message-contents.ts';

/** A period during which a key had the same object. */
interface Period {
  /** The upload's number; absent while the key had no object. */
  upload?: number;
  content?: string;
  at: number;
  /** Whether S3 notified of its start, which it does for uploads but not for restored versions. */
  told: boolean;
  /** Its position among all the key's periods. */
  place: number;
}

/** All uploads, and each key's current source over time. */
export interface UploadHistory {
  /** Returns the number of the next upload. */
  next(): number;
  uploaded(key: string, upload: number, content: Content, at: number): void;
  /** Records that the key's object, changed by something other than an upload, is now this upload, or none. */
  changed(key: string, upload: number | undefined, at: number): void;
  /** Returns the contents of the upload with this number. */
  contentOf(upload: number | undefined): Content | undefined;
  keys(): Iterable<string>;
  latest(key: string): Period | undefined;
  /** Returns the contents of a key's sources before the current one. */
  earlierContents(key: string): string[];
  /** Increases with each period. */
  readonly revision: number;
  /** Returns how often a key's current source changed without an upload. */
  comebacks(key: string): number;
  /** Returns the contents that a message may have met: its upload's, and those of all later ones under the key. */
  contentsSince(named: NamedUpload): string[];
  /**
   * Returns whether a message refers to the key's current object. One that names no upload, as in a backfill, refers to
   * the object at the time of sending.
   */
  isLatest(named: NamedUpload, message: { sentAt: number }): boolean;
  /** Returns whether the key had another object after the message's upload. */
  isSuperseded(named: NamedUpload): boolean;
}

export function createUploadHistory(): UploadHistory {
  const periods = new Map<string, readonly Period[]>();
  const contents = new Map<number, Content>();
  let count = 0;
  let revision = 0;
  const NONE: readonly Period[] = [];
  const of = (key: string) => periods.get(key) ?? NONE;

  function add(key: string, period: Omit<Period, 'place'>): void {
    const before = of(key);
    revision += 1;
    periods.set(key, [...before, { ...period, place: before.length }]);
  }

  function since({ key, upload }: NamedUpload): readonly Period[] {
    const all = of(key);
    return all.slice(Math.max(0, upload === undefined ? 0 : all.findIndex((each) => each.upload === upload)));
  }

  return {
    next: () => (count += 1),
    contentOf: (upload) => (upload === undefined ? undefined : contents.get(upload)),
    uploaded(key, upload, content, at) {
      contents.set(upload, content);
      add(key, { upload, content, at, told: true });
    },
    changed(key, upload, at) {
      if (of(key).at(-1)?.upload === upload) return;
      const content = upload === undefined ? undefined : contents.get(upload);
      add(key, {
        ...(upload === undefined ? {} : { upload }),
        ...(content === undefined ? {} : { content }),
        at,
        told: false,
      });
    },
    keys: () => periods.keys(),
    latest: (key) => of(key).at(-1),
    earlierContents: (key) =>
      of(key)
        .slice(0, -1)
        .flatMap(({ content }) => content ?? []),
    get revision() {
      return revision;
    },
    comebacks: (key) => of(key).filter(({ told }) => !told).length,
    contentsSince: (named) => since(named).flatMap(({ content }) => content ?? []),
    isLatest(named, { sentAt }) {
      const latest = of(named.key).at(-1);
      if (latest?.upload === undefined) return false;
      return named.upload === undefined ? sentAt >= latest.at : latest.upload === named.upload;
    },
    isSuperseded: (named) => since(named).length > 1 || of(named.key).at(-1)?.upload === undefined,
  };
}
