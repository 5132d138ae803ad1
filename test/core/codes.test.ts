import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alarmsOf } from '../../src/core/alarms.ts';
import { createProgram } from '../../src/cli/program.ts';
import { PROBLEMS } from '../../src/contract/problems.ts';
import { isConversionCode } from '../../src/core/code-names.ts';
import { CODES, retryCanHelp } from '../../src/core/codes.ts';
import { TIMING } from '../support/timing.ts';

const ALARMS = alarmsOf(TIMING);

const runbook = readFileSync('docs/runbook.md', 'utf8');
const [before = '', part = ''] = runbook.split(/^# Codes$/m);
const sections = new Map(
  part
    .split(/^## /m)
    .slice(1)
    .map((section): [string, string] => {
      const [heading = '', ...lines] = section.split('\n');
      return [heading, lines.join('\n')];
    }),
);

it('every error code has a heading in the runbook, and every heading is an error code', () => {
  expect([...sections.keys()].toSorted()).toEqual(Object.keys(CODES).toSorted());
  expect(part.match(/^## /gm)).toHaveLength(sections.size);
});

it('every alarm has a heading in the runbook, and every other second-level heading is an alarm', () => {
  const [, alarms = ''] = before.split(/^# Alarms$/m);
  const headings = [...alarms.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
  expect(headings.toSorted()).toEqual(Object.keys(ALARMS).toSorted());
});

it.each(Object.keys({ ...CODES, ...PROBLEMS }))('no conversion can define a code next to %s', (code) => {
  expect(isConversionCode(`${code.split('.')[0]}.own`)).toBe(false);
});

it("a conversion's name may have the same beginning as a built-in code", () => {
  expect(isConversionCode('images.own')).toBe(true);
});

it.each([
  ['process.died', 1, true],
  ['image.corrupt', 5, false],
  ['csv.bad_row', 1, false],
  // Rejections end at once: the conversion asked for every attempt.
  ['csv.busy', 5, true],
  ['source.of_a_later_version', 1, true],
])('whether a retry can help: %s after attempt %i', (code, attempts, expected) => {
  expect(retryCanHelp({ code, attempts })).toBe(expected);
});

const program = await createProgram();

describe.each(Object.entries(CODES))('the runbook on %s', (code, { retryCanHelp: canHelp }) => {
  const section = sections.get(code) ?? '';
  const commands = [...section.matchAll(/^\$ millrace (\S+)(.*)$/gm)];

  it('names an existing command with valid options', () => {
    expect(commands).not.toEqual([]);
    for (const [line, name, rest = ''] of commands) {
      const given = rest.replace(/ {2,}#.*$/, '');
      const command = program.commands.find((each) => each.name() === name);
      const [, first] = /^ ([a-z]+)/.exec(given) ?? [];
      const called = command?.commands.find((each) => each.name() === first) ?? command;
      for (const [option] of given.matchAll(/(?<= )--[a-z-]+/g))
        expect(
          called?.options.map(({ long }) => long),
          line,
        ).toContain(option);
    }
  });

  it.each(['Impact.', 'Ask first.', 'Stop when', 'Verify.'])('says **%s**', (title) => {
    const [, text = ''] = section.split(`**${title}**`);
    expect(text.split('\n')[0]?.trim()).toMatch(/.{20}/);
  });

  it('agrees with the code on whether a retry can help', () => {
    expect(section).toContain(`A retry ${canHelp ? 'can help' : 'cannot help'}`);
  });
});
