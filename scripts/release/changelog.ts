/** Heading of the entries that are not released yet. */
const UNRELEASED = '## Unreleased\n';

/**
 * Returns the changelog with the unreleased entries moved to a version.
 * @param date YYYY-MM-DD
 * @throws Error if there is nothing to release
 */
export function released(changelog: string, version: string, date: string): string {
  const [before, after] = changelog.split(UNRELEASED);
  if (before === undefined || after === undefined)
    throw new Error(`CHANGELOG.md has no heading "${UNRELEASED.trim()}"`);
  const [entries = ''] = after.split(/^## /m);
  if (entries.trim() === '')
    throw new Error('CHANGELOG.md has no entries under "Unreleased": add them before you release');
  return `${before}${UNRELEASED}\n## ${version} - ${date}\n${after}`;
}
