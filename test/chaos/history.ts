/** What an upload holds: a PNG of one colour, by its number, or bytes that are no image. */
export type Content = number | 'corrupt';

/** One request of a client, as the client saw it. Times in milliseconds on the client's clock. */
export interface Operation {
  key: string;
  kind: 'put' | 'delete';
  content?: Content;
  begun: number;
  ended: number;
  /** Unknown when no answer came, or an error did: it may have taken effect nevertheless. */
  outcome: 'ok' | 'unknown';
  versionId?: string;
}

/** A version of a result as it is at the end. */
export interface ResultVersion {
  sourceVersionId: string | undefined;
  /** Only that of the current result is looked at. */
  colour?: number | undefined;
}

/** A key at the end, when both queues are empty. */
export interface KeyAtEnd {
  key: string;
  /** Ids of its versions, from the oldest to the newest. */
  uploads: string[];
  deleteMarkers: string[];
  /** Whether the newest of all is a delete marker. */
  deleted: boolean;
  /** From the oldest to the newest. */
  results: ResultVersion[];
  /** Of the status command. */
  status: { status: string; code?: string };
  /** Codes of its dead letters. */
  deadLetters: string[];
}
