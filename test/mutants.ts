/** A one-line wrong version of the production code, and the suite that must catch it. */
export interface Mutant {
  name: string;
  file: string;
  /** Text that the file has exactly once. */
  from: string;
  to: string;
  /** The simulation, or test files. */
  suite: 'simulation' | readonly string[];
}

const worker = (name: string) => `src/worker/${name}.ts`;

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the stamp is dropped: equal content makes equal results',
    file: worker('convert-object'),
    from: 'const stamp = source.identity.versionId ?? randomUUID();',
    to: "const stamp = 'none';",
    suite: 'simulation',
  },
  {
    name: 'the source is read before the result',
    file: worker('convert-object'),
    from: "const targets = await telemetry.phase('look', () => lookAtResults(object));",
    to: "const early = await storage.open(object.bucket, object.key); storage.open = async () => early; const targets = await telemetry.phase('look', () => lookAtResults(object));",
    suite: 'simulation',
  },
  {
    name: 'a result is written without If-Match',
    file: worker('storage'),
    from: "expected === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: expected.etag };",
    to: "expected === 'absent' ? { IfNoneMatch: '*' } : {};",
    suite: 'simulation',
  },
  {
    name: 'a first result is written without If-None-Match',
    file: worker('storage'),
    from: "expected === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: expected.etag };",
    to: "expected === 'absent' ? {} : { IfMatch: expected.etag };",
    suite: 'simulation',
  },
  {
    name: 'a conversion is skipped when the content is equal',
    file: worker('convert-object'),
    from: 'certainlySameUpload({ versionId: stored.sourceVersionId }, source)',
    to: "stored.sourceEtag === source.etag.replaceAll('\"', '')",
    suite: 'simulation',
  },
  {
    name: 'a lost condition is taken for a stored result',
    file: worker('convert-object'),
    from: 'return now?.stamp === stamp && now.recipe === config.recipeId ? result : answer;',
    to: 'return result;',
    suite: 'simulation',
  },
  {
    name: 'a message whose upload is in progress elsewhere is acknowledged',
    file: worker('batch-lane'),
    from: "return { kind: 'deferred' };",
    to: "return { kind: 'current' };",
    suite: 'simulation',
  },
  {
    name: 'idempotency goes by content',
    file: worker('idempotency'),
    from: 'const upload = versionId ?? sequencer;',
    to: "const upload = (versionId ?? sequencer) === undefined ? undefined : 'same';",
    suite: 'simulation',
  },
  {
    name: 'records seen before are converted, not forwarded',
    file: worker('handler'),
    from: "laneOf(record, config) === 'batch' && receiveCount(record) >= 2;",
    to: 'receiveCount(record) >= 1000;',
    suite: 'simulation',
  },
  {
    name: 'what a batch send refused counts as sent',
    file: worker('forward'),
    from: 'return records.map(({ messageId }) => messageId).filter((id) => !sent.has(id));',
    to: 'return [];',
    suite: 'simulation',
  },
  {
    name: 'a rejection is acknowledged without a dead letter',
    file: worker('process-object'),
    from: 'await sendDeadLetter(record, dirtyMessage(object), { code, message, attempts: attempt });',
    to: 'void sendDeadLetter;',
    suite: 'simulation',
  },
  {
    name: 'a rejection is acknowledged before its report is stored',
    file: worker('process-object'),
    from: 'const reported = await reports.store(object, content, source);',
    to: "void reports.store(object, content, source).catch(() => undefined); const reported = { kind: 'stored' as const };",
    suite: 'simulation',
  },
  {
    name: 'the report of an attempt is not written before it',
    file: worker('retry-lane'),
    from: 'const begun = await reports.store(work.object, {',
    to: "const begun: Awaited<ReturnType<typeof reports.store>> = { kind: 'stored', etag: '' }; if (work.attempt < 0) await reports.store(work.object, {",
    suite: 'simulation',
  },
  {
    name: 'a transient failure is acknowledged in the batch lane',
    file: worker('batch-lane'),
    from: 'return queues.sendToRetry({ body: dirtyMessage(object), delaySeconds: backoffSeconds(1, random) });',
    to: 'return;',
    suite: 'simulation',
  },
  {
    name: 'the last attempt is left to the redrive policy',
    file: worker('retry-lane'),
    from: "outcome.kind === 'retry' && work.attempt >= config.maxAttempts",
    to: "outcome.kind === 'retry' && work.attempt > config.maxAttempts",
    suite: ['test/worker'],
  },
  {
    name: 'the keys of EventBridge are decoded',
    file: 'src/core/notification.ts',
    from: "return { kind: 'objects', objects: [objectRef(detail.bucket.name, key, versionId, sequencer)] };",
    to: "return { kind: 'objects', objects: [objectRef(detail.bucket.name, decodeURIComponent(key.replaceAll('+', ' ')), versionId, sequencer)] };",
    suite: 'simulation',
  },
  {
    name: 'only the first record of a notification is read',
    file: 'src/core/notification.ts',
    from: "return { kind: 'objects', objects: [first, ...rest] };",
    to: "return { kind: 'objects', objects: [first, ...rest.slice(rest.length)] };",
    suite: 'simulation',
  },
  {
    name: 'a command takes the options behind the name of its subcommand',
    file: 'src/cli/program.ts',
    from: '.enablePositionalOptions()',
    to: '.enablePositionalOptions(false)',
    suite: ['test/cli/json.test.ts'],
  },
  {
    name: 'an option in front of a subcommand is passed over in silence',
    file: 'src/cli/program.ts',
    from: 'if (given.length === 0) return;',
    to: 'if (given.length >= 0) return;',
    suite: ['test/cli/wrong-usage.test.ts'],
  },
  {
    name: 'an upload that is refused goes on to the next file',
    file: 'src/cli/upload/run-upload.ts',
    from: 'if (isOfPipeline(each.error)) return refused.abort(each.error);',
    to: '',
    suite: ['test/cli/exit-codes.test.ts'],
  },
  {
    name: 'a file of the same size counts as the same content',
    file: 'src/ops/upload/same-content.ts',
    from: '? crc === content.crc',
    to: '? crc.length === content.crc.length',
    suite: ['test/cli/upload.test.ts'],
  },
  {
    name: 'a question is asked although the output goes into a pipe',
    file: 'src/cli/output.ts',
    from: 'return process.stdin.isTTY && isLive();',
    to: 'return process.stdin.isTTY && process.stderr.isTTY;',
    suite: ['test/cli/terminal.test.ts'],
  },
  {
    name: 'the last word about an upload is replaced by an attempt',
    file: worker('failure-reports'),
    from: "return report[METADATA.status] === 'failed' && sameMessage && sameSource;",
    to: "return report[METADATA.status] === 'neither' && sameMessage && sameSource;",
    suite: ['test/worker'],
  },
];
