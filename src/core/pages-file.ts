/** The file of the pages beside the API's bundle: `PageAssets` as JSON. */
export const PAGES_FILE = 'pages.json';

/** A file of a page, as it is served. */
export interface PageAsset {
  contentType: string;
  body: string;
}

/** The files of the pages, by path: `upload/page.html`. */
export type PageAssets = Readonly<Record<string, PageAsset>>;
