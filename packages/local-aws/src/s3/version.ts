/** A file of the blob folder, or a part of an object that was uploaded in parts. */
export interface Segment {
  id: string;
  bytes: number;
  /** Of its bytes. Earlier versions kept none. */
  crc32?: number;
}

export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export interface Checksum {
  algorithm: ChecksumAlgorithm;
  /** Base64; `-N` behind it when it is composed of the checksums of N parts. */
  value: string;
}

/** What a client stores beside the content. Header names in lower case. */
export interface Descriptive {
  /** Content-Type, Cache-Control and their like. */
  headers: Record<string, string>;
  /** User metadata, names without `x-amz-meta-`. */
  metadata: Record<string, string>;
}

/** The content of an object, without what it is called. */
export interface Content {
  segments: Segment[];
  bytes: number;
  /** Without quotes. */
  etag: string;
  checksum?: Checksum;
}

/** One version of an object. On a bucket without versioning there is one with the id `null`. */
export interface Version extends Content, Descriptive {
  key: string;
  versionId: string;
  deleteMarker: boolean;
  /** Milliseconds since the epoch. */
  lastModified: number;
  /** Grows with each version that is made, whatever its key. */
  sequence: number;
}
