/** An upload's contents: a PNG in one colour, given by its number, or bytes that are not an image. */
export type Content = number | 'corrupt';

/** One request of a client, as the client saw it. Times in milliseconds on the client's clock. */
export interface Operation {
  key: string;
  kind: 'put' | 'delete';
  content?: Content;
  begun: number;
  ended: number;
  /** Unknown if there was no response, or an error, because it may have taken effect. */
  outcome: 'ok' | 'unknown';
  versionId?: string;
}

/** A result's version at the end. */
export interface ResultVersion {
  sourceVersionId: string | undefined;
  /** Only read for the current result. */
  colour?: number | undefined;
}

/** A key at the end, when both queues are empty. */
export interface KeyAtEnd {
  key: string;
  /** Ids of its versions, oldest first. */
  uploads: string[];
  deleteMarkers: string[];
  /** Whether the newest version is a delete marker. */
  deleted: boolean;
  /** Oldest first. */
  results: ResultVersion[];
  /** As shown by the status command. */
  status: { status: string; code?: string };
  /** Codes of its dead letters. */
  deadLetters: string[];
}
