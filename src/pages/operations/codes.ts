import { CODES, isConversionCode } from '../../core/codes.ts';
import { sentence } from '../shared/words.ts';

const KNOWN: Partial<Record<string, { summary: string }>> = CODES;

/** Returns what a code means, as a sentence; empty for a code of another version. */
export function meaningOf(code: string): string {
  if (isConversionCode(code)) return 'The conversion rejected the object. The message says why.';
  const summary = Object.hasOwn(KNOWN, code) ? KNOWN[code]?.summary : undefined;
  return summary === undefined ? '' : sentence(summary);
}

/** Answers "Can a retry help?". */
export function retryWords(retryCanHelp: boolean): string {
  return retryCanHelp ? 'Yes, it may' : 'No, fix the cause first';
}

/** Returns a link to the code's heading in the runbook; the codes of all conversions of one's own share one. */
export function runbookLink(code: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = `/runbook#${isConversionCode(code) ? 'own-conversions' : encodeURIComponent(code)}`;
  link.target = '_blank';
  link.rel = 'noopener';
  link.textContent = 'What to do: the runbook';
  return link;
}
