import { defineConfig, defineConversion, Rejected } from '../../../src/config.ts';
import { capitals } from './capitals.ts';

const shout = defineConversion({
  name: 'shout',
  limits: { seconds: 60 },
  async convert({ source }) {
    const text = Buffer.from(await source.content()).toString();
    if (text.trim() === '') throw new Rejected('shout.silent', 'there is nothing to shout');
    return [{ rendition: 'shout', body: Buffer.from(capitals(text)), contentType: 'text/plain' }];
  },
});

// The recipe is not read from this file.
process.stdout.write('a module that says something');

export default defineConfig({ conversions: [{ conversion: shout, keys: ['*.txt'] }] });
