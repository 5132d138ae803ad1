import { CODES } from '../../core/codes.ts';
import { sentence } from '../shared/words.ts';

const KNOWN: Partial<Record<string, { summary: string }>> = CODES;

/** What a code means, as a sentence; empty for one of another version. */
export function meaningOf(code: string): string {
  const summary = Object.hasOwn(KNOWN, code) ? KNOWN[code]?.summary : undefined;
  return summary === undefined ? '' : sentence(summary);
}

/** Answers "Can a retry help?". */
export function retryWords(retryCanHelp: boolean): string {
  return retryCanHelp ? 'Yes, it may' : 'No, fix the cause first';
}

/** The code's heading in the runbook. */
export function runbookLink(code: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = `/runbook#${encodeURIComponent(code)}`;
  link.target = '_blank';
  link.rel = 'noopener';
  link.textContent = 'What to do: the runbook';
  return link;
}
