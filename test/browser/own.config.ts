import { defineConfig, defineConversion, Rejected } from 'millrace/config';

/** Two results of a text, and a rejection with a code of its own. */
const text = defineConversion({
  name: 'text',
  renditions: ['upper', 'length'],
  extension: (rendition) => (rendition === 'upper' ? 'txt' : 'json'),
  async convert({ source, renditions }) {
    const content = Buffer.from(await source.content()).toString();
    if (content.includes('bad')) throw new Rejected('text.bad', 'it has the word bad');
    const made = { upper: content.toUpperCase(), length: `{"length":${content.length}}` };
    return renditions.map((rendition) => ({
      rendition,
      body: Buffer.from(made[rendition as keyof typeof made]),
      contentType: rendition === 'upper' ? 'text/plain' : 'application/json',
    }));
  },
});

export default defineConfig({ conversions: [{ conversion: text, keys: ['*.log'] }] });
