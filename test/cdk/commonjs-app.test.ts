import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { takesLong } from '../support/takes-long.ts';

takesLong();

it('the constructs can be imported by an app of CommonJS, as `cdk init` makes it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-app-'));
  try {
    await writeFile(join(folder, 'package.json'), '{}');
    const names = ['conversion-pipeline', 'upload-api', 'monitoring'];
    const imports = names.map(
      (name) => `import * as ${name.replace('-', '_')} from '${process.cwd()}/cdk/${name}.ts';`,
    );
    const shown = `console.log(${names.map((name) => `Object.keys(${name.replace('-', '_')})`).join(', ')});`;
    await writeFile(join(folder, 'app.ts'), [...imports, shown].join('\n'));
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, join(folder, 'app.ts')]);
    for (const construct of ['ConversionPipeline', 'UploadApi', 'Monitoring'])
      expect(stdout).toContain(construct);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
