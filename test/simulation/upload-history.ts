import type { ObjectRef } from '../../src/core/object-ref.ts';

/** What was uploaded to each key, in the order of the uploads. */
export interface UploadHistory {
  /** `object` as the notification of the upload names it. */
  add(object: ObjectRef, content: string, at: number): void;
  /** What a message about this upload may have met: the upload itself, and what came after it. */
  contentsSince(object: ObjectRef): string[];
  /**
   * Whether a message about the object means the latest upload of its key. One that names none, as a backfill does,
   * means any that was there when it was sent.
   */
  isLatest(object: ObjectRef, message: { sentAt: number }): boolean;
}

export function createUploadHistory(): UploadHistory {
  const uploads = new Map<string, { object: ObjectRef; content: string; at: number }[]>();
  const of = (key: string) => uploads.get(key) ?? [];
  const names = ({ versionId, sequencer }: ObjectRef) => versionId ?? sequencer;

  return {
    add: (object, content, at) => void uploads.set(object.key, [...of(object.key), { object, content, at }]),

    contentsSince(object) {
      const all = of(object.key);
      const first = all.findIndex((upload) => names(upload.object) === names(object));
      return all.slice(Math.max(0, first)).map(({ content }) => content);
    },

    isLatest(object, { sentAt }) {
      const latest = of(object.key).at(-1);
      const name = names(object);
      if (latest === undefined) return false;
      return name === undefined ? sentAt >= latest.at : names(latest.object) === name;
    },
  };
}
