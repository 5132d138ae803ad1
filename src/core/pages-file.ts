/** The file of the pages beside the API's bundle: `PageAssets` as JSON. */
export const PAGES_FILE = 'pages.json';

/** A file of a page. */
export interface PageAsset {
  contentType: string;
  body: string;
}

/** The pages' files, by path, such as `upload/page.html`. */
export type PageAssets = Readonly<Record<string, PageAsset>>;
