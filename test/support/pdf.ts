import { locked, restricted } from './pdf-encryption.ts';

/** A page of a PDF. */
export interface Page {
  /** In points. */
  width: number;
  height: number;
  /** The color of its lower half, such as `1 0 0` for red. The upper half is white. */
  color?: string;
  /** What is drawn instead. */
  drawing?: string | Buffer;
  /** Entries of the drawing's dictionary, such as `/Filter /FlateDecode`. */
  drawingEntries?: string;
  /** More entries of its dictionary, such as `/Rotate 90`. */
  entries?: string;
}

export interface Options {
  /** Encrypts the document by a password that nobody knows. */
  needsPassword?: boolean;
  /** Encrypts the document so that everyone can read it, but may not print it. */
  isRestricted?: boolean;
  /** More objects, whose numbers begin with 100: dictionaries, or dictionaries and contents. */
  objects?: readonly (string | { entries: string; content: Buffer })[];
  /** More entries of the catalog. */
  catalog?: string;
}

const FIRST_OBJECT = 100;

/** Creates a PDF. */
export function pdf(pages: readonly Page[], options: Options = {}): Buffer {
  const { needsPassword = false, isRestricted = false, objects: others = [], catalog = '' } = options;
  const kids = pages.map((_, index) => `${3 + index * 2} 0 R`).join(' ');
  const encryption = needsPassword ? locked() : isRestricted ? restricted() : undefined;
  const objects = new Map<number, Buffer>();
  const add = (text: string, content?: Buffer, number = objects.size + 1) =>
    objects.set(
      number,
      content === undefined
        ? Buffer.from(text)
        : stream(text, encryption?.encrypt(content, number) ?? content),
    );
  add(`<< /Type /Catalog /Pages 2 0 R ${catalog} >>`);
  add(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  for (const { width, height, color = '0 0 0', entries = '', ...page } of pages) {
    const { drawing = `${color} rg 0 0 ${width} ${height / 2} re f`, drawingEntries = '' } = page;
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents ${objects.size + 2} 0 R ${entries} >>`,
    );
    add(drawingEntries, Buffer.from(drawing));
  }
  for (const [index, other] of others.entries()) {
    const number = FIRST_OBJECT + index;
    if (typeof other === 'string') add(other, undefined, number);
    else add(other.entries, other.content, number);
  }
  return fileOf(objects, encryption?.trailer);
}

function stream(entries: string, content: Buffer): Buffer {
  const head = `<< /Length ${content.byteLength} ${entries} >>\nstream\n`;
  return Buffer.concat([Buffer.from(head), content, Buffer.from('\nendstream')]);
}

function fileOf(objects: ReadonlyMap<number, Buffer>, encryption = ''): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  const length = () => parts.reduce((sum, part) => sum + part.byteLength, 0);
  const entries: string[] = [];
  for (const [number, object] of objects) {
    entries.push(`${number} 1\n${String(length()).padStart(10, '0')} 00000 n \n`);
    parts.push(Buffer.from(`${number} 0 obj\n`), object, Buffer.from('\nendobj\n'));
  }
  const size = Math.max(...objects.keys()) + 1;
  const trailer =
    `xref\n0 1\n0000000000 65535 f \n${entries.join('')}` +
    `trailer\n<< /Size ${size} /Root 1 0 R ${encryption} >>\nstartxref\n${length()}\n%%EOF`;
  return Buffer.concat([...parts, Buffer.from(trailer)]);
}
