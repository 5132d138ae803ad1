import { expect, it } from 'vitest';
import { defineConfig } from '../../src/core/config.ts';
import { defineConversion } from '../../src/core/conversion.ts';
import { conversionsIn } from '../../src/worker/conversions-in.ts';

const table = defineConversion({ name: 'table', convert: () => Promise.resolve([]) });
const config = {
  conversions: [
    { conversion: table, keys: ['*.csv'] },
    { conversion: 'image' as const, keys: ['*.png'], options: { renditions: [{ name: 'icon' }] } },
    { conversion: table, keys: ['*.tsv'] },
  ],
};

it('the worker finds each conversion in a configuration file once, however the file exports it', () => {
  expect(conversionsIn({ default: config })).toEqual([table]);
  expect(conversionsIn({ default: defineConfig(config) })).toEqual([table]);
  expect(conversionsIn({ default: {} })).toEqual([]);
});
