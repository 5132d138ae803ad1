import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { defineConversion } from '../../../src/core/own-conversion.ts';
import { testConversion } from '../../../src/testing/index.ts';

// Run by wrong.test.ts: a conversion that holds its source outside JavaScript's memory. Memory that an earlier
// conversion freed would hide this, so it is in a separate file and therefore in a separate process.

const holding = "const all = []; process.stdin.on('data', (chunk) => all.push(chunk))";

const elsewhere = defineConversion({
  name: 'holds-it-elsewhere',
  streams: true,
  limits: { seconds: 1, bytes: 2_000_000_000 },
  async convert({ source }) {
    const thread = new Worker(holding, { eval: true, stdin: true });
    try {
      let bytes = 0;
      for await (const chunk of source.stream()) {
        if (thread.stdin?.write(chunk) === false) await once(thread.stdin, 'drain');
        bytes += chunk.byteLength;
      }
      return [
        { rendition: 'holds-it-elsewhere', body: Buffer.from(String(bytes)), contentType: 'text/plain' },
      ];
    } finally {
      await thread.terminate();
    }
  },
});

testConversion(elsewhere, { samples: { 's.csv': 'a,b\n1,2\n' } });
