import type { FolderKind } from '@millrace/local-aws';

/** The mark of a pipeline's data folder, which also contains logs. */
export const DATA_FOLDER: FolderKind = {
  product: 'Millrace',
  mark: 'millrace.json',
  about: 'The data of a local Millrace pipeline. Keep its files together; change none by hand.',
  holder: 'pipeline',
  repair: 'start again with --repair',
  unmarkedLayout: ['journal', 'blobs', 'logs'],
};
