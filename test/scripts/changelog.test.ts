import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { released } from '../../scripts/release/changelog.ts';

const BEFORE =
  '# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0 - 2026-01-01\n\n- The first.\n';

describe('a release', () => {
  it('dates what was unreleased, and leaves the heading for what comes next', () => {
    expect(released(BEFORE, '0.2.0', '2026-02-03')).toBe(
      '# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-02-03\n\n### Added\n\n- A thing.\n\n## 0.1.0 - 2026-01-01\n\n- The first.\n',
    );
  });

  it('is refused when nothing has changed, or nothing can be found', () => {
    const once = released(BEFORE, '0.2.0', '2026-02-03');
    expect(() => released(once, '0.3.0', '2026-02-04')).toThrow('nothing under "Unreleased"');
    expect(() => released('# Changelog\n', '0.3.0', '2026-02-04')).toThrow('has no "## Unreleased"');
  });

  it('finds the entries of the changelog as it is', async () => {
    expect(released(await readFile('CHANGELOG.md', 'utf8'), '9.9.9', '2026-02-03')).toContain('## 9.9.9 - ');
  });
});
