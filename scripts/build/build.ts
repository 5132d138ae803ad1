import { writeFile } from 'node:fs/promises';
import { buildDeclarations } from './declarations.ts';
import { buildFunctions } from './functions.ts';
import { buildLocalAws } from './local-aws.ts';
import { LICENSES_FILE, licensesOf } from './licenses.ts';
import { buildClient, buildCommonJs, buildConfig, buildLibrary, buildProgram } from './modules.ts';
import { DIST, writeIfOther } from './outputs.ts';
import { bundlePages } from './pages.ts';

/** Builds what runs on this machine: the command, the local pipeline, the pages, and `millrace/config`. */
export async function buildLocal() {
  const [program, pages] = await Promise.all([buildProgram(), bundlePages(), buildConfig()]);
  await writeIfOther(`${DIST}/pages.json`, pages);
  return { program, pages };
}

/** Builds what runs on this machine and what is deployed. */
export async function buildDeployed() {
  const { program, pages } = await buildLocal();
  return { program, functions: await buildFunctions(pages) };
}

/** Builds everything that is published. */
export async function buildPublished(): Promise<void> {
  const declarations = buildDeclarations();
  const localAws = buildLocalAws();
  const { program, functions } = await buildDeployed();
  const [library, client] = await Promise.all([buildLibrary(), buildClient(), buildCommonJs()]);
  await writeFile(
    `${DIST}/${LICENSES_FILE}`,
    await licensesOf([program, library, client, ...functions.bundles], functions.decoders),
  );
  await Promise.all([declarations, localAws]);
}
