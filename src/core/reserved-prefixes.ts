/**
 * What operations keep in the failure bucket, beside the failure reports. Reports lie under the keys of uploads, so
 * the last part of each key here is a name that no uploader can know beforehand.
 */
export const RESERVED_PREFIX = '.millrace/';
export const REDRIVES_PREFIX = `${RESERVED_PREFIX}redrives/`;
export const PROGRESS_PREFIX = `${RESERVED_PREFIX}progress/`;
export const ARCHIVE_PREFIX = `${RESERVED_PREFIX}archive/`;
