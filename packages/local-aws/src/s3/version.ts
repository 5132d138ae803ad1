/** A file in the blob folder: an object's content, or a part of it. */
export interface Segment {
  id: string;
  bytes: number;
  /** CRC-32 of its bytes. Earlier versions stored none. */
  crc32?: number;
}

export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export interface Checksum {
  algorithm: ChecksumAlgorithm;
  /** Base64, with the suffix `-N` if it is composed of the checksums of N parts. */
  value: string;
}

/** The headers and metadata stored with the content. Header names in lower case. */
export interface Descriptive {
  /** Such as Content-Type and Cache-Control. */
  headers: Record<string, string>;
  /** User metadata, with names without `x-amz-meta-`. */
  metadata: Record<string, string>;
}

/** An object's content, without its name. */
export interface Content {
  segments: Segment[];
  bytes: number;
  /** Without quotes. */
  etag: string;
  checksum?: Checksum;
}

/** A version of an object. On a bucket without versioning, its id is `null`. */
export interface Version extends Content, Descriptive {
  key: string;
  versionId: string;
  deleteMarker: boolean;
  /** Milliseconds since the epoch. */
  lastModified: number;
  /** Increases with each new version, across all keys. */
  sequence: number;
}
