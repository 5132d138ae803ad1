/** An object in an upload bucket that may be dirty: its result may be missing or from an older upload. */
export interface ObjectRef {
  bucket: string;
  key: string;
  /** The upload that caused the message, on a versioned bucket. */
  versionId?: string;
  /**
   * Distinguishes two uploads of one key where there are no versions. For equality only:
   * AWS has published two different rules for ordering sequencers.
   */
  sequencer?: string;
}
