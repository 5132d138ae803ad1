import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVERYTHING, synthesize } from '../synthesize.ts';

/** With asset hashes replaced, so that it is the same for every build. */
const textOf = (json: object) => JSON.stringify(json, undefined, 2).replaceAll(/[0-9a-f]{64}/g, 'asset');

const snapshot = (name: string) => join(import.meta.dirname, `../__snapshots__/${name}.snap`);

describe('the template', () => {
  it('matches the reviewed snapshot', async () => {
    await expect(textOf(synthesize().toJSON())).toMatchFileSnapshot(snapshot('usual'));
  });

  it('matches the reviewed snapshot if settings change it', async () => {
    const usual = synthesize().toJSON()['Resources'] as Record<string, object>;
    const resources = synthesize(EVERYTHING).toJSON()['Resources'] as Record<string, object>;
    const changed = Object.entries(resources).filter(
      ([id, each]) => textOf(each) !== textOf(usual[id] ?? {}),
    );
    await expect(textOf(Object.fromEntries(changed))).toMatchFileSnapshot(snapshot('everything'));
  });
});
