import type { ObjectRef } from '../../src/core/object-ref.ts';

/** What was uploaded to each key, in the order of the uploads. */
export interface UploadHistory {
  /** `object` as the notification of the upload names it. */
  add(object: ObjectRef, content: string): void;
  /** What a message about this upload may have met: the upload itself, and what came after it. */
  contentsSince(object: ObjectRef): string[];
  /** Whether it names the latest upload of its key. One that names none, as a backfill does, may mean any. */
  isLatest(object: ObjectRef): boolean;
}

export function createUploadHistory(): UploadHistory {
  const uploads = new Map<string, { object: ObjectRef; content: string }[]>();
  const of = (key: string) => uploads.get(key) ?? [];
  const names = ({ versionId, sequencer }: ObjectRef) => versionId ?? sequencer;

  return {
    add: (object, content) => void uploads.set(object.key, [...of(object.key), { object, content }]),

    contentsSince(object) {
      const all = of(object.key);
      const first = all.findIndex((upload) => names(upload.object) === names(object));
      return all.slice(Math.max(0, first)).map(({ content }) => content);
    },

    isLatest(object) {
      const latest = of(object.key).at(-1);
      const name = names(object);
      return name === undefined || (latest !== undefined && names(latest.object) === name);
    },
  };
}
