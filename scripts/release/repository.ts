import { readFile } from 'node:fs/promises';

/** The manifests of the published packages. */
export const MANIFESTS = ['package.json', 'packages/local-aws/package.json'];

/**
 * Checks that each package names its repository, which npm compares with the package's provenance.
 * @param manifests texts by path
 * @param workflow `OWNER/NAME` of the repository that publishes, if known
 * @throws Error that says in one line what to change
 */
export function checkRepository(manifests: ReadonlyMap<string, string>, workflow?: string): void {
  const found = [...manifests].map(([path, text]) => ({ path, repository: repositoryOf(text) }));
  const missing = found.filter(({ repository }) => repository === undefined).map(({ path }) => path);
  const example = `"repository": { "type": "git", "url": "git+https://github.com/${workflow ?? 'OWNER/NAME'}.git" }`;
  if (missing.length > 0)
    throw new Error(
      `npm requires a GitHub repository for publishing with provenance: add ${example} to ${missing.join(' and ')}`,
    );
  const other = found.find(({ repository }) => repository?.toLowerCase() !== workflow?.toLowerCase());
  if (workflow !== undefined && other !== undefined)
    throw new Error(
      `${other.path} names the repository ${other.repository}, but ${workflow} publishes it, and npm requires them to match: change it to ${example}`,
    );
}

export async function readManifests(): Promise<Map<string, string>> {
  return new Map(
    await Promise.all(MANIFESTS.map(async (path) => [path, await readFile(path, 'utf8')] as const)),
  );
}

/** Returns `OWNER/NAME`, or undefined if the manifest names no GitHub repository. */
function repositoryOf(manifest: string): string | undefined {
  const { repository } = JSON.parse(manifest) as { repository?: string | { url?: string } };
  const url = typeof repository === 'string' ? repository : repository?.url;
  return /github(?:\.com)?[:/]([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(url ?? '')?.[1];
}
