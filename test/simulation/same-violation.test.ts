import { describe, expect, it } from 'vitest';
import { isSameViolation } from './same-violation.ts';
import { scenarioOf } from './scenario.ts';
import { scenarioSchema } from './scenario-schema.ts';

describe('a shrunk scenario', () => {
  it('has the same violation if only the key, the process or the state differ', () => {
    expect(
      isSameViolation('the result of a.jpg has gone back', 'the result of b c+d.jpg has gone back'),
    ).toBe(true);
    expect(
      isSameViolation(
        'process 3 waits for nothing, and never ends',
        'process 12 waits for nothing, and never ends',
      ),
    ).toBe(true);
    expect(
      isSameViolation(
        'a.jpg is bad, and its status is {"at":"x"}',
        'é%41/&.jpg is bad, and its status is {}',
      ),
    ).toBe(true);
  });

  it('has a different violation if its description differs, or there is none', () => {
    expect(isSameViolation('the result of a.jpg has gone back', 'the upload of a.jpg is lost')).toBe(false);
    expect(isSameViolation('a.jpg is bad, and it is lost', 'a.jpg is poison, and it is lost')).toBe(false);
    expect(isSameViolation('', 'the result of a.jpg has gone back')).toBe(false);
  });

  it('can be stored as JSON and read again', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const scenario = scenarioOf(seed);
      expect(scenarioSchema.parse(JSON.parse(JSON.stringify(scenario)))).toEqual(scenario);
    }
  });

  it('is refused if the JSON contains unknown values', () => {
    expect(() => scenarioSchema.parse({ ...scenarioOf(1), schedule: 'alphabetical' })).toThrow('schedule');
  });
});
