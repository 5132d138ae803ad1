import * as z from 'zod';
import { AwsError } from '../../aws-error.ts';
import { receiveText } from './body.ts';
import type { S3Request } from './request.ts';
import { readXml } from './xml.ts';

/**
 * Receives a document and parses it with a schema.
 * @throws AwsError MalformedXML
 */
export async function readDocument<T extends z.ZodType>(
  request: S3Request,
  root: string,
  schema: T,
): Promise<z.infer<T>> {
  const parsed = schema.safeParse(readXml(await receiveText(request), root) || {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AwsError(
    'MalformedXML',
    400,
    `The XML you provided did not validate: ${z.core.toDotPath(issue?.path ?? [])}: ${issue?.message}`,
  );
}
