import { createHmac } from 'node:crypto';

/**
 * Which secret belongs to an access key. Requests signed in a header are taken with any credentials. Presigned
 * URLs and form policies are promises about what others may do, so their signatures are checked, and for that
 * the secret must be known: one that is configured, or, by the custom of local stacks, the access key itself.
 */
export type SecretOf = (accessKeyId: string) => string;

export function knownSecrets(configured: Readonly<Record<string, string>>): SecretOf {
  return (accessKeyId) => configured[accessKeyId] ?? accessKeyId;
}

export const SIGNATURE_HINT =
  'This local S3 can check presigned URLs and form policies only of the credentials it was started with, and of those whose secret equals the access key id, such as local/local.';

/** `AKID/20261123/us-east-1/s3/aws4_request` */
export interface Scope {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
}

export function parseScope(credential: string): Scope | undefined {
  const [, accessKeyId, date, region, service] =
    /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential) ?? [];
  if (!accessKeyId || !date || !region || !service) return undefined;
  return { accessKeyId, date, region, service };
}

/** Hex. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
export function sign(
  text: string,
  { accessKeyId, date, region, service }: Scope,
  secretOf: SecretOf,
): string {
  let key: Buffer = Buffer.from(`AWS4${secretOf(accessKeyId)}`);
  for (const part of [date, region, service, 'aws4_request'])
    key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key).update(text).digest('hex');
}
