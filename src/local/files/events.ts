/** An event about a file, sent by a worker process. */
export type FileEvent =
  /** A complete result. Its draft now belongs to whoever receives this event. */
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
