/** The file of the pages beside the API's bundle. */
export const PAGES_FILE = 'pages.json';
