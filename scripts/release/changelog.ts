/** Heading of the entries that no version has yet. */
const UNRELEASED = '## Unreleased\n';

/**
 * Returns the changelog in which what was unreleased belongs to a version.
 * @param date as YYYY-MM-DD
 * @throws Error when there is nothing to release
 */
export function released(changelog: string, version: string, date: string): string {
  const [before, after] = changelog.split(UNRELEASED);
  if (before === undefined || after === undefined)
    throw new Error(`CHANGELOG.md has no "${UNRELEASED.trim()}"`);
  const [entries = ''] = after.split(/^## /m);
  if (entries.trim() === '') throw new Error('CHANGELOG.md has nothing under "Unreleased"');
  return `${before}${UNRELEASED}\n## ${version} - ${date}\n${after}`;
}
