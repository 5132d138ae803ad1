/** A file of a page, as it is served. */
export interface PageAsset {
  contentType: string;
  body: string;
}

/** The files of the pages, by path: `upload/page.html`. */
export type PageAssets = Readonly<Record<string, PageAsset>>;
