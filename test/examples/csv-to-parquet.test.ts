import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { csvToParquet } from '../../examples/csv-to-parquet.ts';
import { converting } from '../support/converting.ts';

const convert = converting();
let count = 0;

/** Converts a file with these options. */
async function convertFile(body: string | Uint8Array, options = {}) {
  count += 1;
  const { results, report } = await convert(
    { conversions: [{ conversion: csvToParquet, options }] },
    `${count}.csv`,
    body,
  );
  return { result: results[0], report };
}

async function tableOf(body: string | Uint8Array, options = {}) {
  const { result, report } = await convertFile(body, options);
  if (result === undefined) throw new Error(report?.message);
  const file = new Uint8Array(result.bytes).buffer;
  return { ...result, info: parquetMetadata(file), rows: await parquetReadObjects({ file }) };
}

const CSV = [
  'id,price,paid,at,place,note',
  '1,2.50,true,2026-01-02T03:04:05.678Z,Zürich,"a, ""b""\nc"',
  '-7,3,false,2026-01-02T03:04:05+01:00,02134,',
  ',,,,,',
  '',
].join('\n');
const ROWS = [
  {
    id: 1n,
    price: 2.5,
    paid: true,
    at: new Date('2026-01-02T03:04:05.678Z'),
    place: 'Zürich',
    note: 'a, "b"\nc',
  },
  { id: -7n, price: 3, paid: false, at: new Date('2026-01-02T02:04:05Z'), place: '02134', note: null },
  { id: null, price: null, paid: null, at: null, place: null, note: null },
];

describe('a CSV', () => {
  it('becomes a Parquet file whose columns have the types of their first values', async () => {
    const { rows, contentType, metadata } = await tableOf(CSV);
    expect(rows).toEqual(ROWS);
    expect(contentType).toBe('application/vnd.apache.parquet');
    expect(metadata).toMatchObject({ rows: '3', rendition: 'parquet' });
  });

  it.each([
    ['Windows line ends', CSV.replaceAll('\n', '\r\n').replace('\r\nc', '\nc'), {}],
    ['a byte order mark', `\uFEFF${CSV}`, {}],
    ['no line end after its last row', CSV.trimEnd(), {}],
    ['empty lines', CSV.replace('-7', '\n-7'), {}],
    ['another delimiter', CSV.replaceAll(',', ';').replace('a;', 'a,'), { delimiter: ';' }],
  ])('may have %s', async (_what, body, options) => {
    expect((await tableOf(body, options)).rows).toEqual(ROWS);
  });

  it('has the types in the options', async () => {
    const { rows } = await tableOf('id,zip\n9007199254740993,123\n', {
      columns: { id: 'double', zip: 'string' },
    });
    expect(rows).toEqual([{ id: 9_007_199_254_740_992, zip: '123' }]);
  });

  it('keeps every digit of long integers, as text if they do not fit into 64 bits', async () => {
    const ids = ['9223372036854775807', '-9223372036854775808', '1460323737035677699'];
    const texts = ['9223372036854775808', '-9223372036854775809', '1'.repeat(30)];
    const mixed = ['1.5', '9007199254740993', '1e300'];
    const doubles = ['1.5', '9007199254740991', '1e300'];
    const rows = ids.map((id, index) => [id, texts[index], mixed[index], doubles[index]].join(','));
    expect((await tableOf(`id,text,mixed,double\n${rows.join('\n')}`)).rows).toEqual(
      ids.map((id, index) => ({
        id: BigInt(id),
        text: texts[index],
        mixed: mixed[index],
        double: Number(doubles[index]),
      })),
    );
  });

  it('without rows becomes an empty table', async () => {
    const { rows, info } = await tableOf('id,name\n');
    expect(rows).toEqual([]);
    expect(info.schema.map(({ name }) => name)).toEqual(['root', 'id', 'name']);
  });

  it('is stored in row groups, compressed or not, with the stamp in the metadata', async () => {
    const body = `n\n${Array.from({ length: 2500 }, (_, index) => index).join('\n')}`;
    const { info, rows } = await tableOf(body, { rowGroupRows: 1000, compression: 'uncompressed' });
    expect(info.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([1000, 1000, 500]);
    expect(info.row_groups[0]?.columns[0]?.meta_data?.codec).toBe('UNCOMPRESSED');
    expect(info.key_value_metadata).toEqual([{ key: 'millrace.stamp', value: expect.stringMatching(/./) }]);
    expect(rows.map(({ n }) => Number(n))).toEqual(Array.from({ length: 2500 }, (_, index) => index));
  });

  const many = (last: string) => `id,note\n${'1,"a\nb"\n'.repeat(1500)}${last}\n`;

  it.each([
    ['bad_header', 'line 1: each column needs a name that no other has; found id, , id', 'id,,id\n1,2,3'],
    ['bad_header', 'line 1: there is no column at', 'id\n1', { columns: { at: 'timestamp' } }],
    ['bad_header', 'line 1: there is no header', '\n\n'],
    ['field_count', 'line 3: it has 3 fields; the header has 2', 'a,b\n1,2\n1,2,3'],
    ['field_count', 'line 3002: it has 1 fields; the header has 2', many('1')],
    ['bad_value', 'line 3002: id is "x", which is no int', many('x,y')],
    [
      'bad_value',
      'line 2: at is "2026-02-30T00:00:00Z", which is no timestamp',
      'at\n2026-02-30T00:00:00Z',
      { columns: { at: 'timestamp' } },
    ],
    ['bad_quotes', 'line 3: Quoted field unterminated', 'a,b\n1,2\n"1,2\n3,4\n'],
    [
      'row_too_long',
      'line 2: it has more than 1000000 characters, or an open quote',
      `a\n"${'x\n'.repeat(1_000_000)}`,
    ],
    ['not_utf8', 'the file is not UTF-8', Buffer.from('a\nZ\xfcrich\n', 'latin1')],
  ])('fails with parquet.%s: %s', async (code, message, body, options: object = {}) => {
    const { result, report } = await convertFile(body, options);
    expect(report).toMatchObject({ status: 'failed', code: `parquet.${code}`, message });
    expect(result).toBeUndefined();
  });
});

describe('NDJSON', () => {
  const options = { format: 'ndjson' };

  it('becomes a table with the columns of its first object', async () => {
    const { rows } = await tableOf(
      '{"id":1,"paid":true,"tags":["a"],"zip":"02134"}\n\n{"zip":null,"id":2}\n',
      options,
    );
    expect(rows).toEqual([
      { id: 1n, paid: true, tags: '["a"]', zip: '02134' },
      { id: 2n, paid: null, tags: null, zip: null },
    ]);
    const exact =
      '{"id":9007199254740992,"text":"1460323737035677698","quoted":"\\"9007199254740993","number":0.30000000000000004}';
    expect((await tableOf(exact, options)).rows).toEqual([
      {
        id: 9_007_199_254_740_992n,
        text: 1_460_323_737_035_677_698n,
        quoted: '"9007199254740993',
        number: 0.1 + 0.2,
      },
    ]);
  });

  it.each([
    ['bad_json', 'line 2: SyntaxError', '{"a":1}\n{"a":'],
    ['bad_json', 'line 2: it is no object', '{"a":1}\n[1]'],
    ['unknown_field', 'line 2: the first row has no b', '{"a":1}\n{"b":1}'],
    ['bad_value', 'line 2: a is "x", which is no int', '{"a":1}\n{"a":"x"}', { columns: { a: 'int' } }],
    [
      'bad_value',
      'line 2: the integer 1460323737035677698 cannot be represented exactly',
      '{"a":1}\n{"a":1460323737035677698}',
    ],
    ['bad_value', 'line 1: the integer -1460323737035677698 cannot', '{"a":{"b":[-1460323737035677698]}}'],
    ['bad_value', 'line 1: the integer 1000000000000000000000001 cannot', '{"a":1000000000000000000000001}'],
    ['bad_header', 'line 1: each column needs a name', '{}\n'],
    ['row_too_long', 'line 1: it has more than 1000000 characters', `{"a":"${'x'.repeat(2_000_000)}"}`],
  ])('fails with parquet.%s: %s', async (code, message, body, more: object = {}) => {
    const { report } = await convertFile(body, { ...options, ...more });
    expect(report).toMatchObject({
      status: 'failed',
      code: `parquet.${code}`,
      message: expect.stringContaining(message),
    });
  });
});
