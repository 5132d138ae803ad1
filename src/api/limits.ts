import { MAX_KEY_BYTES, utf8Bytes } from '../core/keys.ts';
import { resultKeys } from '../core/result-keys.ts';
import type { ApiDeps } from './deps.ts';
import { RequestProblem } from './problem.ts';

/** Bytes above which files are uploaded in parts, so that an interrupted upload can continue. */
export const MULTIPART_ABOVE = 100_000_000;
/** Limits of a scan of the dead-letter queue. API Gateway times out after 29 seconds, and people expect less. */
export const SCAN_LIMITS = { letters: 5000, seconds: 10 };

/** @throws RequestProblem if a result's key would be invalid in S3 */
export function checkKeyLength(key: string, where: string, deployment: ApiDeps['deployment']): void {
  const [bucket = ''] = deployment.uploadBuckets;
  const lengths = resultKeys({ bucket, key }, deployment).map(utf8Bytes);
  const excess = Math.max(...lengths) - MAX_KEY_BYTES;
  if (excess <= 0) return;
  const what = `the name is too long by ${excess} bytes: the keys of its results would be longer than S3 allows; shorten it`;
  throw new RequestProblem(400, 'request.invalid', `${where}: ${what}`, [{ where, what }]);
}
