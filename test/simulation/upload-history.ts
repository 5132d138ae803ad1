import type { Content } from './scenario.ts';
import type { NamedUpload } from './message-contents.ts';

/** What was under a key for a while. */
interface Period {
  /** The number of the upload; absent while the key had no object. */
  upload?: number;
  content?: string;
  at: number;
  /** Whether S3 told of its beginning. It tells of uploads only, not of versions that came back. */
  told: boolean;
  /** Its place among all periods of the key. */
  place: number;
}

/** What was uploaded, and what was the current source of each key when. */
export interface UploadHistory {
  /** The number of the next upload. */
  next(): number;
  uploaded(key: string, upload: number, content: Content, at: number): void;
  /** Something else than an upload may have changed what is under the key: the upload of this number, or nothing. */
  changed(key: string, upload: number | undefined, at: number): void;
  /** The content of the upload of this number. */
  contentOf(upload: number | undefined): Content | undefined;
  keys(): Iterable<string>;
  latest(key: string): Period | undefined;
  /** Grows with each period. */
  readonly revision: number;
  /** How often the current source of a key changed without an upload. */
  comebacks(key: string): number;
  /** What a message may have met: what it speaks of, and whatever was under the key after that. */
  contentsSince(named: NamedUpload): string[];
  /**
   * Whether a message means what is under its key now. One that names no upload, as a backfill does, means whatever was
   * there when it was sent.
   */
  isLatest(named: NamedUpload, message: { sentAt: number }): boolean;
  /** Whether anything else was under the key after what the message speaks of. */
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
