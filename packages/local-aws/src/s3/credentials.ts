import { createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../aws-error.ts';

/** Returns the secrets of an access key id; none if the id is unknown. */
export type SecretsOf = (accessKeyId: string) => readonly string[];

export interface KeyPair {
  accessKeyId: string;
  secretAccessKey: string;
}

export function secretsOfPairs(pairs: readonly KeyPair[]): SecretsOf {
  return (accessKeyId) =>
    pairs.filter((pair) => pair.accessKeyId === accessKeyId).map((pair) => pair.secretAccessKey);
}

/** Returns the key pair of the pipeline's clients and the pair in the environment. */
export function knownPairs(own: KeyPair, environment: NodeJS.ProcessEnv): KeyPair[] {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  return accessKeyId === undefined || secretAccessKey === undefined
    ? [own]
    : [own, { accessKeyId, secretAccessKey }];
}

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

/**
 * Checks the signature of a presigned URL or a form policy if the secret is known. Accepts unknown access key ids
 * with any signature, as in headers: a client that can reach this port could also sign with a known pair.
 * @throws AwsError SignatureDoesNotMatch
 */
export function checkSignature(text: string, signature: string, scope: Scope, secretsOf: SecretsOf): void {
  const secrets = secretsOf(scope.accessKeyId);
  if (secrets.length === 0 || secrets.some((secret) => isSame(sign(text, scope, secret), signature))) return;
  throw new AwsError(
    'SignatureDoesNotMatch',
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method: this local S3 knows the secret of this access key id.',
  );
}

/** Hex. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
function sign(text: string, { date, region, service }: Scope, secret: string): string {
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of [date, region, service, 'aws4_request'])
    key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key).update(text).digest('hex');
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
