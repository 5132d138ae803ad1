import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { defineConversion, Rejected, Retryable } from 'millrace/config';
import papa from 'papaparse';
import * as z from 'zod';

/** Converts CSV or NDJSON to Parquet. Holds one row group in memory, however large the file is. */

const INTEGER = /^(0|-?[1-9]\d*)$/;
const INT64_DIGITS = 19;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;
const ISO_TIME = z.regexes.datetime({ offset: true });
const FINER_THAN_MILLISECONDS = /\.\d{4}/;

/** Column types, in the order in which they are tried. */
const TYPES = {
  int: { parquet: 'INT64', is: isInt64, value: BigInt },
  double: {
    parquet: 'DOUBLE',
    is: (text: string) => NUMBER.test(text),
    value: Number,
  },
  boolean: {
    parquet: 'BOOLEAN',
    is: (text: string) => text === 'true' || text === 'false',
    value: (text: string) => text === 'true',
  },
  timestamp: {
    parquet: 'TIMESTAMP',
    is: (text: string) => ISO_TIME.test(text) && !FINER_THAN_MILLISECONDS.test(text),
    value: (text: string) => Date.parse(text),
  },
  string: {
    parquet: 'STRING',
    is: () => true,
    // A copy: a part of a string keeps the whole chunk of the file in memory, and the writer keeps the least and the
    // greatest value of each row group to its end.
    value: (text: string) => Buffer.from(text).toString(),
  },
} as const;
type TypeName = keyof typeof TYPES;
const TYPE_NAMES = Object.keys(TYPES) as TypeName[];

function isInt64(text: string): boolean {
  if (!INTEGER.test(text) || text.length > INT64_DIGITS + 1) return false;
  return BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

/** Returns whether a number is a long integer that a double would round, such as an id. */
function isRounded(text: string): boolean {
  const value = Number(text);
  return INTEGER.test(text) && !(Number.isFinite(value) && BigInt(value) === BigInt(text));
}

const optionsSchema = z.strictObject({
  format: z.enum(['csv', 'ndjson']).default('csv'),
  delimiter: z.string().length(1).default(','),
  /** Types by column name. By default, a column has the first type that fits its first 1,000 values. */
  columns: z.record(z.string(), z.enum(TYPE_NAMES)).default({}),
  compression: z.enum(['snappy', 'uncompressed']).default('snappy'),
  rowGroupRows: z.int().min(1).max(1_000_000).default(10_000),
});
type Options = z.infer<typeof optionsSchema>;

const LONG_INTEGER = /\d{16}/;
/** Strings and numbers in JSON. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const SAMPLE_ROWS = 1000;
/** Without a limit, an open quote would collect the rest of the file in memory. */
const LONGEST_ROW = 1_000_000;

/** A row as text, and its first line in the file. The first row contains the column names. */
interface Row {
  line: number;
  cells: readonly string[];
}

export const csvToParquet = defineConversion({
  name: 'parquet',
  extension: 'parquet',
  stamped: true,
  streams: true,
  options: optionsSchema,
  limits: { bytes: 2_000_000_000, seconds: 90 },
  async convert({ source, options, stamp, signal, scratch }) {
    const file = join(await scratch(), 'table.parquet');
    const table = createTable(file, options, stamp);
    const text = decoded(source.stream(), signal);
    await (options.format === 'csv' ? readCsv(text, options, table.add) : readNdjson(text, table.add));
    const metadata = { rows: String(table.finish()) };
    return [
      { rendition: 'parquet', body: { file }, contentType: 'application/vnd.apache.parquet', metadata },
    ];
  },
});

/** A column, and its values in the current row group. */
interface Column {
  name: string;
  type: TypeName;
  /** Whether the type is in the options. Only then are long integers rounded. */
  declared: boolean;
  data: unknown[];
}

/** A Parquet file that is written one row group at a time. */
function createTable(file: string, options: Options, stamp: string) {
  let names: readonly string[] | undefined;
  let columns: Column[] | undefined;
  let parquet: ParquetWriter | undefined;
  let sample: Row[] = [];
  let rows = 0;

  function store({ cells, line }: Row, into: readonly Column[]) {
    for (const [index, column] of into.entries()) column.data.push(valueOf(cells[index] ?? '', column, line));
    rows += 1;
    if (rows % options.rowGroupRows === 0) write(into);
  }

  function write(from: readonly Column[]) {
    const columnData = from.map(({ name, type, data }) => ({ name, data, type: TYPES[type].parquet }));
    parquet ??= new ParquetWriter({
      writer: fileWriter(file),
      schema: schemaFromColumnData({ columnData }),
      codec: options.compression === 'snappy' ? 'SNAPPY' : 'UNCOMPRESSED',
      kvMetadata: [{ key: 'millrace.stamp', value: stamp }],
    });
    // The file's writer is synchronous.
    void parquet.write({ columnData, rowGroupSize: options.rowGroupRows });
    for (const column of from) column.data = [];
  }

  /** Determines the types from the first rows. */
  function begin(header: readonly string[]): Column[] {
    const found = header.map((name, index): Column => {
      const declared = options.columns[name];
      return { name, type: declared ?? typeOf(sample, index), declared: declared !== undefined, data: [] };
    });
    for (const row of sample) store(row, found);
    sample = [];
    return found;
  }

  return {
    add(row: Row) {
      if (names === undefined) {
        names = namesIn(row, Object.keys(options.columns));
        return;
      }
      const { cells, line } = row;
      if (cells.length !== names.length)
        throw rejected('field_count', line, `it has ${cells.length} fields; the header has ${names.length}`);
      if (columns !== undefined) store(row, columns);
      else if (sample.push(row) === SAMPLE_ROWS) columns = begin(names);
    },
    /** @returns the number of rows */
    finish(): number {
      if (names === undefined) throw rejected('bad_header', 1, 'there is no header');
      write(columns ?? begin(names));
      void parquet?.finish();
      return rows;
    },
  };
}

function namesIn({ cells, line }: Row, needed: readonly string[]): readonly string[] {
  if (cells.length === 0 || cells.some((name, index) => name === '' || cells.indexOf(name) < index))
    throw rejected(
      'bad_header',
      line,
      `each column needs a name that no other has; found ${cells.join(', ')}`,
    );
  const missing = needed.find((name) => !cells.includes(name));
  if (missing !== undefined) throw rejected('bad_header', line, `there is no column ${missing}`);
  return cells;
}

function typeOf(rows: readonly Row[], index: number): TypeName {
  const texts = rows.map(({ cells }) => cells[index] ?? '').filter((text) => text !== '');
  return TYPE_NAMES.find((type) => texts.length > 0 && texts.every((text) => fits(type, text))) ?? 'string';
}

function fits(type: TypeName, text: string): boolean {
  return TYPES[type].is(text) && !(type === 'double' && isRounded(text));
}

/** An empty field is null, in a column of any type. */
function valueOf(text: string, { name, type, declared }: Column, line: number): unknown {
  if (text === '') return null;
  const { is, value } = TYPES[type];
  if (!(declared ? is(text) : fits(type, text)))
    throw rejected('bad_value', line, `${name} is ${JSON.stringify(text)}, which is no ${type}`);
  return value(text);
}

/** @throws Rejected `parquet.bad_quotes`, `parquet.row_too_long`, and what `take` throws */
function readCsv(
  text: AsyncIterable<string>,
  { delimiter }: Options,
  take: (row: Row) => void,
): Promise<void> {
  let line = 1;
  let characters = 0;
  async function* counted() {
    for await (const chunk of text) {
      characters += chunk.length;
      yield chunk;
    }
  }
  const input = Readable.from(counted());
  return new Promise<void>((resolve, reject) => {
    papa.parse<string[]>(input, {
      delimiter,
      chunk({ data, errors: [error], meta: { cursor } }) {
        for (const [index, cells] of data.entries()) {
          if (error?.row === index) throw rejected('bad_quotes', line, error.message);
          const isEmptyLine = cells.length === 1 && cells[0] === '';
          if (!isEmptyLine) take({ line, cells });
          line += 1;
          for (const cell of cells) if (cell.includes('\n')) line += cell.split('\n').length - 1;
        }
        if (characters - cursor > LONGEST_ROW)
          throw rejected(
            'row_too_long',
            line,
            `it has more than ${LONGEST_ROW} characters, or an open quote`,
          );
      },
      complete: () => resolve(),
      error: reject,
    });
  }).finally(() => input.destroy());
}

/** Each line is an object. The first one has all column names; nested objects and arrays stay JSON. */
async function readNdjson(text: AsyncIterable<string>, take: (row: Row) => void): Promise<void> {
  let line = 1;
  let rest = '';
  let names: string[] | undefined;
  function takeLine(json: string) {
    if (json.trim() !== '') {
      const object = objectIn(json, line);
      if (names === undefined) take({ line, cells: (names = Object.keys(object)) });
      const unknown = Object.keys(object).find((name) => names?.includes(name) === false);
      if (unknown !== undefined) throw rejected('unknown_field', line, `the first row has no ${unknown}`);
      take({ line, cells: names.map((name) => textOf(object[name])) });
    }
    line += 1;
  }
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const each of lines) takeLine(each);
    if (rest.length > LONGEST_ROW)
      throw rejected('row_too_long', line, `it has more than ${LONGEST_ROW} characters`);
  }
  takeLine(rest);
}

function objectIn(json: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw rejected('bad_json', line, String(error));
  }
  const rounded = LONG_INTEGER.test(json) ? json.match(TOKENS)?.find(isRounded) : undefined;
  if (rounded !== undefined)
    throw rejected(
      'bad_value',
      line,
      `the integer ${rounded} cannot be represented exactly; put it in quotes`,
    );
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw rejected('bad_json', line, 'it is no object');
  return value as Record<string, unknown>;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function* decoded(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new Rejected('parquet.not_utf8', 'the file is not UTF-8');
    }
  };
  for await (const chunk of chunks) {
    // The time includes reading the upload, which may be faster next time.
    if (signal.aborted) throw new Retryable('conversion.timeout', 'the file was not read to its end in time');
    yield decode(chunk);
  }
  yield decode();
}

function rejected(code: string, line: number, what: string): Rejected {
  return new Rejected(`parquet.${code}`, `line ${line}: ${what}`);
}
