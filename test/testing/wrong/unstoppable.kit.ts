import { execFileSync } from 'node:child_process';
import { defineConversion } from '../../../src/core/own-conversion.ts';
import { testConversion } from '../../../src/testing/index.ts';

// Run by wrong.test.ts: blocks outside JavaScript, so it cannot be interrupted, only killed.

const unstoppable = defineConversion({
  name: 'unstoppable',
  limits: { seconds: 1 },
  async convert() {
    execFileSync('sleep', ['300']);
    return [];
  },
});

testConversion(unstoppable, { samples: { 's.csv': 'x' } });
