import type { Outcome } from '../core/outcome.ts';
import type { Telemetry } from './telemetry.ts';

/** Counts an object's outcome and logs it. */
export function countOutcome(telemetry: Telemetry, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'converted': {
      const bytes = outcome.results.reduce((sum, result) => sum + result.bytes, 0);
      telemetry.count('Converted');
      telemetry.countBytes('BytesIn', outcome.sourceBytes);
      telemetry.countBytes('BytesOut', bytes);
      telemetry.info('converted', { bytesIn: outcome.sourceBytes, bytesOut: bytes });
      return;
    }
    case 'current':
      telemetry.count('Current');
      telemetry.info('current already');
      return;
    case 'gone':
      telemetry.count('Gone');
      telemetry.info('gone: the source was deleted', { deleted: outcome.deleted ?? 0 });
      return;
    case 'ignored':
      telemetry.count('Ignored');
      telemetry.info('ignored: nothing to convert');
      return;
    case 'rejected':
      telemetry.count('Rejected');
      telemetry.countRejection(outcome.error.code);
      return;
    case 'retry':
      telemetry.count('Retried');
      telemetry.warn('to be tried again', { code: outcome.error.code, reason: outcome.error.message });
      return;
    case 'not begun':
      telemetry.count('NotBegun');
      telemetry.info('not begun: too little time left');
      return;
    case 'deferred':
      telemetry.count('Deferred');
      telemetry.info('deferred: another invocation holds it');
      return;
  }
}
