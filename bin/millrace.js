#!/usr/bin/env node
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

const program = new URL('../dist/program/cli.js', import.meta.url);
if (!existsSync(program)) {
  process.stderr.write('millrace: it is not built yet: run npm ci or npm run build\n');
  process.exit(3);
}
// Node 22.8 and later keep what they compiled.
nodeModule.enableCompileCache?.();
const { main } = await import(program.href);
await main(process.argv);
