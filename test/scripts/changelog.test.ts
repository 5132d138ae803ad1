import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { released } from '../../scripts/release/changelog.ts';

const BEFORE =
  '# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0 - 2026-01-01\n\n- The first.\n';

describe('a release', () => {
  it('dates the unreleased entries and keeps the heading for the next ones', () => {
    expect(released(BEFORE, '0.2.0', '2026-02-03')).toBe(
      '# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-02-03\n\n### Added\n\n- A thing.\n\n## 0.1.0 - 2026-01-01\n\n- The first.\n',
    );
  });

  it('is refused without entries or without the heading', () => {
    const once = released(BEFORE, '0.2.0', '2026-02-03');
    expect(() => released(once, '0.3.0', '2026-02-04')).toThrow('no entries under "Unreleased"');
    expect(() => released('# Changelog\n', '0.3.0', '2026-02-04')).toThrow('has no heading "## Unreleased"');
  });

  it('works on the current changelog', async () => {
    expect(released(await readFile('CHANGELOG.md', 'utf8'), '9.9.9', '2026-02-03')).toContain('## 9.9.9 - ');
  });
});
