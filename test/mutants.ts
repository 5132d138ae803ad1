export interface Edit {
  file: string;
  /** Text that the file has exactly once. */
  from: string;
  to: string;
}

/** A small wrong version of the production code, mostly of one line, and the suite that must catch it. */
export type Mutant = {
  name: string;
  /** The simulation, or test files. */
  suite: 'simulation' | readonly string[];
} & (Edit | { edits: readonly Edit[] });

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
    edits: [
      {
        file: worker('convert-object'),
        from: "const targets = await telemetry.phase('look', () => lookAtResults(object));",
        to: "const opened = await telemetry.phase('open', () => storage.open(object.bucket, object.key)); const targets = await telemetry.phase('look', () => lookAtResults(object));",
      },
      {
        file: worker('convert-object'),
        from: 'const source = await storage.head(object.bucket, object.key);',
        to: 'const source = opened;',
      },
      {
        file: worker('convert-object'),
        from: "const source = await telemetry.phase('open', () => storage.open(object.bucket, object.key));",
        to: 'const source = opened;',
      },
    ],
    suite: 'simulation',
  },
  {
    name: 'a key that has a failure report is not converted any more',
    edits: [
      {
        file: worker('convert-object'),
        from: "import { isTooLong, resultKey } from '../core/keys.ts';",
        to: "import { failureKey, isTooLong, resultKey } from '../core/keys.ts';",
      },
      {
        file: worker('convert-object'),
        from: "const writes = await telemetry.phase('store', () =>",
        to: "const report = await storage.head(config.failureBucket, failureKey(object, config)); if (report?.metadata['status'] === 'failed') return { kind: 'current' }; const writes = await telemetry.phase('store', () =>",
      },
    ],
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
    edits: [
      {
        file: 'src/core/notification.ts',
        from: 'objectRef(s3.bucket.name, s3.object.key, s3.object.versionId, s3.object.sequencer),',
        to: "({ ...objectRef(s3.bucket.name, s3.object.key, s3.object.versionId, s3.object.sequencer), etag: s3.object['eTag'] }),",
      },
      {
        file: 'src/core/notification.ts',
        from: "return { kind: 'objects', objects: [objectRef(detail.bucket.name, key, versionId, sequencer)] };",
        to: "return { kind: 'objects', objects: [{ ...objectRef(detail.bucket.name, key, versionId, sequencer), etag: detail.object['etag'] }] };",
      },
      {
        file: 'src/core/notification.ts',
        from: 'version: 1, ...object } satisfies',
        to: 'version: 1, ...object, etag: undefined } satisfies',
      },
      {
        file: worker('idempotency'),
        from: 'function identityOf({ bucket, key, versionId, sequencer }: ObjectRef, recipe',
        to: 'function identityOf({ bucket, key, versionId, sequencer, etag }: ObjectRef & { etag?: string }, recipe',
      },
      {
        file: worker('idempotency'),
        from: 'const upload = versionId ?? sequencer;',
        to: 'const upload = etag ?? versionId ?? sequencer;',
      },
    ],
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
  {
    name: 'an unconditional write of a result is allowed',
    file: 'cdk/buckets.ts',
    from: "actions: ['s3:PutObject'],",
    to: "actions: ['s3:PutObjectAcl'],",
    suite: ['test/cdk/deployment.test.ts'],
  },
  {
    name: 'any bucket may notify the conversion queue',
    file: 'cdk/upload-buckets.ts',
    from: "ArnEquals: { 'aws:SourceArn': names.map((name) => bucketArn(scope, name)) },",
    to: '',
    suite: ['test/cdk/deployment.test.ts'],
  },
  {
    name: 'an open route passes without being named',
    file: 'cdk/closed-routes.ts',
    from: 'if (this.#open.has(route)) return;',
    to: 'if (this.#open.has(route) || route.length > 0) return;',
    suite: ['test/cdk/deployment.test.ts'],
  },
  {
    name: 'operations need no scope',
    file: 'cdk/upload-api.ts',
    from: "authorization.kind === 'jwt' ? [authorization.operationsScope] : [];",
    to: "authorization.kind === 'jwt' ? [] : [];",
    suite: ['test/cdk/deployment.test.ts'],
  },
  {
    name: 'the deployed queue hides messages for less long than the local one',
    file: 'cdk/queues.ts',
    from: 'Duration.seconds(SETTINGS.visibilityTimeoutSeconds)',
    to: 'Duration.seconds(SETTINGS.functionTimeoutSeconds)',
    suite: ['test/cdk/deployment.test.ts'],
  },
  {
    name: 'operations are reached by the permission of another route',
    file: 'src/api/operations-guard.ts',
    from: 'if (path === OPERATIONS_PATH || path.startsWith(`${OPERATIONS_PATH}/`)) return next();',
    to: 'if (path.length > 0) return next();',
    suite: ['test/api'],
  },
  {
    name: 'a result of the same second counts, whichever upload it is of',
    file: 'src/ops/judge-upload.ts',
    from: 'inParts || found.some(({ at }) => at === upload.at || (reported && report.at >= at));',
    to: 'inParts || found.some(({ at }) => reported && report.at >= at);',
    suite: ['test/ops'],
  },
  {
    name: 'an attempt that still runs counts as failed',
    file: 'src/ops/judge-upload.ts',
    from: 'report.source.etag === upload.etag && isOver(report);',
    to: 'report.source.etag === upload.etag;',
    suite: ['test/ops'],
  },
  {
    name: 'a listing is joined by the order of UTF-16',
    file: 'src/core/utf8-order.ts',
    from: 'if (x !== y) return rank(x) - rank(y);',
    to: 'if (x !== y) return x - y;',
    suite: ['test/ops'],
  },
  {
    name: 'a policy reaches beyond its batch',
    file: 'src/api/routes/uploads.ts',
    from: 'Key: `${prefix}\\${filename}`,',
    to: 'Key: `\\${filename}`,',
    suite: ['test/api'],
  },
  {
    name: 'a result is shown as whatever it says it is',
    file: 'src/api/routes/results.ts',
    from: 'readResultMetadata(stored.Metadata) === undefined',
    to: "stored.ContentType === 'none'",
    suite: ['test/api'],
  },
  {
    name: 'any page may talk to the local server',
    file: 'src/local/guard.ts',
    from: 'if (origin !== undefined && !origins.includes(origin))',
    to: "if (origin === 'nobody')",
    suite: ['test/api'],
  },
  {
    name: 'a redrive deletes what SQS did not take',
    file: 'src/ops/dead-letters/take.ts',
    from: '.filter(({ id }) => settled.has(id))',
    to: '.filter(() => true)',
    suite: 'simulation',
  },
  {
    name: 'a redrive moves again what has just failed again',
    file: 'src/ops/redrive/source.ts',
    from: 'attributes[REDRIVE_ATTRIBUTE]?.StringValue === redrive',
    to: "attributes[REDRIVE_ATTRIBUTE]?.StringValue === ''",
    suite: ['test/ops/redrive.test.ts'],
  },
  {
    name: 'a redrive goes on after a canary that failed',
    file: 'src/ops/redrive/move-and-follow.ts',
    from: 'breakIfFailing(1);',
    to: '',
    suite: ['test/ops/redrive.test.ts'],
  },
  {
    name: 'a listing leaves dead letters hidden',
    file: 'src/ops/dead-letters/reader.ts',
    from: 'const entries = [...handles.values()].filter((handle) => handle !== undefined);',
    to: 'const entries: string[] = [];',
    suite: ['test/ops/dead-letters.test.ts'],
  },
  {
    name: 'an export overwrites the file of another',
    file: 'src/ops/dead-letters/copy-file.ts',
    from: "open(path, 'wx')",
    to: "open(path, 'w')",
    suite: ['test/ops/dead-letters.test.ts'],
  },
];
