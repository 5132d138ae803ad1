import { readFile, writeFile } from 'node:fs/promises';
import { released } from './release/changelog.ts';

/** Dates the changelog's entries; npm calls it between the new version and its commit (`npm version`). */

const CHANGELOG = 'CHANGELOG.md';

const version = process.env['npm_package_version'];
if (version === undefined) throw new Error('call it by npm version');
const today = new Date().toISOString().slice(0, 10);
await writeFile(CHANGELOG, released(await readFile(CHANGELOG, 'utf8'), version, today));
