import type { FailureReport } from '../../src/core/failure-report.ts';
import { DEFAULT_RECIPE, type Recipe } from '../../src/core/recipe.ts';
import type { ResultMetadata } from '../../src/core/result-metadata.ts';
import { startApi } from '../../src/local/api-server.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import { head } from '../../src/ops/object-status.ts';
import type { Finished } from './command.ts';
import { millraceHere } from './command-here.ts';
import { jsonLines } from './json-lines.ts';
import { opsOf } from './ops.ts';
import { storeReport, storeResult } from './stored.ts';
import { startBench, type Bench } from './worker.ts';

/** A pipeline without a worker, for commands in this process. */
export interface CommandBench extends Bench {
  /** The address of its API. */
  url: string;
  ops: ReturnType<typeof opsOf>;
  /** The state of its alarm on dead letters. */
  alarm: 'ok' | 'alarm';
  /** Runs `millrace` on it. */
  run(...args: string[]): Promise<Finished>;
  /** The same, with `--json`. @returns the lines */
  lines(...args: string[]): Promise<Record<string, unknown>[]>;
  /** Stores what the worker would store for an upload: a result, or a failure report. */
  convert(key: string, about?: Partial<ResultMetadata>): Promise<void>;
  fail(key: string, about?: Partial<FailureReport>): Promise<void>;
}

export async function startCommandBench(recipe: Recipe = DEFAULT_RECIPE): Promise<CommandBench> {
  const bench = await startBench(recipe);
  const api = await startApi({
    port: 0,
    recipe,
    deployment: localDeployment(bench.aws.url, bench.resources, recipe),
    alarms: { states: () => ({ 'dead-letters': commands.alarm }), stop: () => undefined },
    metrics: { minutes: () => [] },
    audit: () => Promise.resolve(),
    onError(error) {
      throw error;
    },
  });
  const run = (...args: string[]) => millraceHere(...args, '--endpoint', api.url);
  const ops = opsOf(bench, recipe);
  async function sourceOf(key: string) {
    const stored = await head(bench.s3, 'uploads', key);
    return {
      etag: stored?.ETag ?? '',
      versionId: stored?.VersionId ?? '',
      lastModified: stored?.LastModified?.toISOString() ?? '',
    };
  }
  const commands: CommandBench = {
    ...bench,
    url: api.url,
    ops,
    alarm: 'ok',
    run,
    async lines(...args) {
      const { stdout } = await run(...args, '--json');
      return jsonLines(stdout);
    },
    async convert(key, more) {
      const { etag: sourceEtag, versionId: sourceVersionId } = await sourceOf(key);
      const { recipeId, generation } = ops.deployment;
      const about = {
        sourceEtag,
        sourceVersionId,
        recipe: recipeId,
        generation,
        width: 4,
        height: 3,
        ...more,
      };
      const object = { Body: 'result', ContentType: 'image/webp' };
      await storeResult(bench.s3, { bucket: 'uploads', key }, { ...object, about });
    },
    async fail(key, more) {
      const about = { source: await sourceOf(key), recipe: ops.deployment.recipeId };
      const logs = { logGroup: 'group', logStream: 'stream', requestId: 'request' };
      await storeReport(bench.s3, { bucket: 'uploads', key }, key, { ...about, ...logs, ...more });
    },
    async stop() {
      await api.stop();
      await bench.stop();
    },
  };
  return commands;
}
