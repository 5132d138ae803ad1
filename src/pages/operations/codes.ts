import { isConversionCode } from '../../core/code-names.ts';
import { CODES } from '../../core/codes.ts';
import { sentence } from '../shared/words.ts';

const KNOWN: Partial<Record<string, { summary: string }>> = CODES;

/** Returns a code's meaning as a sentence; empty for an unknown code. */
export function meaningOf(code: string): string {
  if (isConversionCode(code))
    return 'This code comes from your own conversion. The message says what went wrong.';
  const summary = Object.hasOwn(KNOWN, code) ? KNOWN[code]?.summary : undefined;
  return summary === undefined ? '' : sentence(summary);
}

/** Returns the answer to "Can a retry help?". */
export function retryWords(retryCanHelp: boolean): string {
  return retryCanHelp ? 'Yes, it can' : 'No, fix the cause first';
}

/** Returns a link to the code's heading in the runbook. All custom conversions' codes share one. */
export function runbookLink(code: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = `/runbook#${isConversionCode(code) ? 'own-conversions' : encodeURIComponent(code)}`;
  link.target = '_blank';
  link.rel = 'noopener';
  link.textContent = 'What to do (runbook)';
  return link;
}
