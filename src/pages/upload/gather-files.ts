/** A file with its path in the selected or dropped folder. */
export interface Gathered {
  file: File;
  path: string;
}

/** With its size in bytes, which is read from disk and therefore only once. */
export interface Sized extends Gathered {
  size: number;
}

/** Returns the files of an `<input>`; with `webkitdirectory`, they have paths. */
export function gatherChosen(files: FileList): Gathered[] {
  return [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/** Returns dropped files and folders. Call during the event, because the data is gone afterwards. */
export async function gatherDropped(data: DataTransfer): Promise<Gathered[]> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...data.files].map((file) => ({ file, path: file.name }));
  const found: Gathered[] = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

/** Reading thousands of sizes at once would freeze the page. */
const SIZES_AT_ONCE = 200;

/** Reads the sizes of files, some at a time. */
export async function sizeFiles(files: readonly Gathered[]): Promise<Sized[]> {
  const sized: Sized[] = [];
  for (const [index, { file, path }] of files.entries()) {
    if (index % SIZES_AT_ONCE === SIZES_AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve));
    sized.push({ file, path, size: file.size });
  }
  return sized;
}

async function walk(entry: FileSystemEntry, found: Gathered[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push({ file, path: entry.fullPath.slice(1) });
    return;
  }
  if (!isDirectory(entry)) return;
  const reader = entry.createReader();
  for (;;) {
    // Returns a hundred at a time, and an empty list at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const each of some) await walk(each, found);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
