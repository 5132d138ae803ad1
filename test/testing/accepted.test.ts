import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import * as z from 'zod';
import { defineConversion } from '../../src/core/own-conversion.ts';
import { Rejected } from '../../src/core/errors.ts';
import { testConversion } from '../../src/testing/index.ts';
import { createImageConversion } from '../../src/worker/conversion/image/convert.ts';
import { animatedGif, tinyPng } from '../support/images.ts';

// Conversions that the test kit must accept: streamed, in memory, and with an external program.

const table = defineConversion({
  name: 'table',
  streams: true,
  options: z.strictObject({ separator: z.string().default(',') }),
  async convert({ source, options }) {
    async function* rows() {
      let header: string | undefined;
      for await (const line of createInterface({ input: Readable.from(source.stream()) })) {
        if (line === header) throw new Rejected('table.header_again', 'there are two tables');
        header ??= line;
        const cells = line.split(options.separator);
        if (cells.length !== header.split(options.separator).length)
          throw new Rejected('table.ragged', `${line} has ${cells.length} cells`);
        yield Buffer.from(`${JSON.stringify(cells)}\n`);
      }
    }
    return [{ rendition: 'table', body: rows(), contentType: 'application/x-ndjson' }];
  },
});

testConversion(table, {
  samples: { 'a.csv': 'city;name\nKøbenhavn;Å\n東京;日本\n', 'b/c.csv': 'x\ny\n' },
  options: { separator: ';' },
});

const sorted = defineConversion({
  name: 'sorted',
  stamped: true,
  renditions: ['up', 'down'],
  limits: { bytes: 1_000_000 },
  async convert({ source, renditions, stamp, signal, scratch }) {
    const folder = await scratch();
    const input = join(folder, 'input');
    await writeFile(input, Buffer.concat([Buffer.from(`${stamp}\n`), await source.content()]));
    return Promise.all(
      renditions.map(async (rendition) => {
        const file = join(folder, rendition);
        const order = rendition === 'down' ? ['-r'] : [];
        await promisify(execFile)('sort', [...order, '-o', file, input], { signal });
        return { rendition, body: { file }, contentType: 'text/plain', metadata: { order: rendition } };
      }),
    );
  },
});

testConversion(sorted, { samples: new URL('samples', import.meta.url), seed: 7 });

const copied = defineConversion({
  name: 'copied',
  stamped: true,
  renditions: ['first', 'second'],
  async convert({ source, renditions, stamp }) {
    const body = Buffer.concat([Buffer.from(`${stamp}\n`), await source.content()]);
    return renditions.map((rendition) => ({ rendition, body, contentType: 'text/plain' }));
  },
});

testConversion(copied, { samples: { 'a.txt': 'the same bytes in both renditions' } });

// The built-in conversion has no privileges, except for its name.
testConversion(
  { ...createImageConversion(), name: 'picture' },
  {
    samples: { 'tiny.png': await tinyPng(), 'animated.gif': await animatedGif() },
    options: {
      renditions: [
        { name: 'web', width: 16 },
        { name: 'jpg', format: 'jpeg' },
      ],
      limits: {},
    },
  },
);
