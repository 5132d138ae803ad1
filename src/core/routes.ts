/** Prefix of all operations' paths, so that they can have a separate permission. */
export const OPERATIONS_PATH = '/ops';
