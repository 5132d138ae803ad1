/** The mark of a data folder and its name in messages. A program that stores more in it defines its own kind. */
export interface FolderKind {
  /** The program that the folder belongs to. */
  product: string;
  /** The file that marks it. */
  mark: string;
  /** The mark's text for people. */
  about: string;
  /** What runs on the folder. */
  holder: string;
  /** How to ask for a repair. */
  repair: string;
  /** Folders that an unmarked folder of an earlier version always contains. */
  unmarkedLayout?: readonly string[];
}

export const LOCAL_AWS_FOLDER: FolderKind = {
  product: 'local AWS',
  mark: 'local-aws.json',
  about: 'The data of a local AWS. Keep its files together; change none by hand.',
  holder: 'local AWS',
  repair: 'start again with `repair: true`',
};
