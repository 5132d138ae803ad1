import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
  EXPORT_TYPE,
  exportDeadLetters,
  getDeadLetter,
  groupDeadLetters,
  listDeadLetters,
} from '../../../contract/dead-letters.ts';
import { LIMITS } from '../../../contract/limits.ts';
import { COMPLETE_HEADER, ROUTES } from '../../../contract/routes.ts';
import { defined } from '../../../core/defined.ts';
import { filterSchema } from '../../../core/dead-letter-filter.ts';
import { failureKey } from '../../../core/keys.ts';
import { copyOf } from '../../../ops/dead-letters/copy.ts';
import type { DeadLetter } from '../../../ops/dead-letters/dead-letter.ts';
import { retryCanHelp } from '../../../core/codes.ts';
import { groupByCode } from '../../../ops/dead-letters/groups.ts';
import { scanDeadLetters } from '../../scan-dead-letters.ts';
import { readReport } from '../../../ops/object-status.ts';
import { filterOfRequest } from '../../../ops/dead-letters/filter.ts';
import type { ApiDeps } from '../../deps.ts';
import { SCAN_LIMITS } from '../../limits.ts';
import { invalid, RequestProblem } from '../../problem.ts';
import { previewPath } from './preview.ts';

/** Lambda limits a response to 6 MB, and base64 makes binary content a third larger. */
const MAX_EXPORT_BYTES = 4_000_000;

/** Lists the dead-letter queue. All messages stay and become visible again, even if the client disconnects. */
export function deadLetterRoutes(app: OpenAPIHono, deps: ApiDeps): void {
  const { s3, deployment } = deps;

  app.openapi(createRoute(groupDeadLetters), async (context) => {
    const filter = filterOfRequest(context.req.valid('query'));
    const look = await scanDeadLetters(deps, filter, SCAN_LIMITS);
    const groups = await groupByCode(look.letters, look.retentionSeconds);
    const total = groups.reduce((sum, { count }) => sum + count, 0);
    return context.json({ groups, total, complete: look.complete() }, 200);
  });

  app.openapi(createRoute(listDeadLetters), async (context) => {
    const filter = filterOfRequest(context.req.valid('query'));
    const look = await scanDeadLetters(deps, filter, SCAN_LIMITS);
    const letters = [];
    for await (const letter of look.letters) {
      if (letters.length === LIMITS.listedDeadLetters) break;
      letters.push(describe(letter, look.retentionSeconds));
    }
    return context.json({ letters, complete: look.complete() }, 200);
  });

  app.openAPIRegistry.registerPath(createRoute(exportDeadLetters));
  // The types of a described route do not support JSON lines.
  app.get(ROUTES.exportDeadLetters.path, async (context) => {
    const query = filterSchema.safeParse(context.req.query());
    if (!query.success) return invalid(query.error);
    const filter = filterOfRequest(query.data);
    const look = await scanDeadLetters(deps, filter, SCAN_LIMITS);
    let lines = '';
    let bytes = 0;
    for await (const letter of look.letters) {
      const line = `${JSON.stringify(copyOf(letter, look.retentionSeconds))}\n`;
      bytes += Buffer.byteLength(line);
      if (bytes > MAX_EXPORT_BYTES) break;
      lines += line;
    }
    return context.body(lines, 200, {
      'content-type': EXPORT_TYPE,
      'content-disposition': 'attachment; filename="dead-letters.jsonl"',
      'cache-control': 'no-store',
      [COMPLETE_HEADER]: String(look.complete()),
    });
  });

  app.openapi(createRoute(getDeadLetter), async (context) => {
    const { id } = context.req.valid('param');
    const look = await scanDeadLetters(deps, { ids: new Set([id]) }, SCAN_LIMITS);
    let found: DeadLetter | undefined;
    for await (const letter of look.letters) {
      found = letter;
      break;
    }
    if (found === undefined) {
      const hint = look.complete() ? '' : '; not all could be looked at, so that it may be there: ask again';
      throw new RequestProblem(404, 'dead_letter.unknown', `there is no dead letter with this id${hint}`);
    }
    const [object] = found.objects;
    const isOurs = object !== undefined && deployment.uploadBuckets.includes(object.bucket);
    const report = isOurs
      ? await readReport(s3, deployment.failureBucket, failureKey(object, deployment))
      : undefined;
    return context.json(
      {
        ...describe(found, look.retentionSeconds),
        ...defined({ report, preview: isOurs ? previewPath(object) : undefined }),
      },
      200,
    );
  });
}

function describe(letter: DeadLetter, retentionSeconds: number) {
  return { ...copyOf(letter, retentionSeconds), retryCanHelp: retryCanHelp(letter) };
}
