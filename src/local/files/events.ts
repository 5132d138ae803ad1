/** An event about a file, sent by a worker process. */
export type FileEvent =
  /** A complete result. The receiver of the event must rename or delete the draft. */
  | {
      kind: 'stored';
      /** The result's key. */
      key: string;
      /** Path. */
      draft: string;
      bytes: number;
      contentType: string;
      metadata: Record<string, string>;
    }
  /** The result with this key could not be written. */
  | { kind: 'unwritable'; key: string; message: string }
  /** The source with this key could not be read. */
  | { kind: 'unreadable'; key: string; message: string };
