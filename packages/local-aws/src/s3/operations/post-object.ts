import { AwsError } from '../../aws-error.ts';
import type { Bucket } from '../bucket.ts';
import { limitedBody } from '../../limited-body.ts';
import { checkSignature, parseScope } from '../credentials.ts';
import { tooLarge } from '../http/body.ts';
import { describe } from '../http/descriptive.ts';
import { refuseChecksum, refuseUnsupported } from '../http/unsupported.ts';
import { readForm, type FormFile } from '../http/form.ts';
import type { S3Request } from '../http/request.ts';
import { writeXml } from '../http/xml.ts';
import { bucketOf, versionHeader, type Answer, type Operation, type OperationContext } from '../operation.ts';
import { checkPolicy, lengthRange, parsePolicy } from '../post-policy.ts';
import type { Version } from '../version.ts';
import { checkKeyLength } from '../key.ts';
import { writeObject } from '../write-object.ts';
import { targetOf } from './object-write.ts';

/** Stores an upload from a browser form. The form's signed policy is its only credential and limits the upload. */
export const postObject: Operation = (request, context) => {
  const bucket = bucketOf(request, context);
  return readForm(request, async (fields, file) => {
    expandFileName(fields, file);
    fields.set('bucket', bucket.name);
    const { min, max } = checkForm(fields, context);
    const most = Math.min(max, context.largestPutBytes);
    refuseUnsupported(
      Object.fromEntries([...fields].map(([name, value]) => [HEADER_OF[name] ?? name, value])),
    );
    refuseChecksum(fields.keys());
    const key = fields.get('key') ?? '';
    if (key === '')
      throw new AwsError('InvalidArgument', 400, "Bucket POST must contain a field named 'key'.");
    checkKeyLength(key);
    const headers = new Map([...fields].map(([name, value]) => [name, asHeader(value)]));
    const version = await writeObject(context, targetOf(request, context, key), async () => {
      const written = await context.blobs.write(within(file, min, most));
      return {
        segments: [written.segment],
        bytes: written.segment.bytes,
        etag: written.md5,
        ...describe((name) => headers.get(name), headers),
        event: 'ObjectCreated:Post',
      };
    });
    return answer(request, bucket, version, fields);
  });
};

/**
 * Replaces `${filename}` in every field, as S3 does before it checks the policy.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/HTTPPOSTForms.html
 */
function expandFileName(fields: Map<string, string>, { filename }: FormFile): void {
  const expand = (value: string) => value.replaceAll('${filename}', () => filename);
  for (const [name, value] of fields) fields.set(name, expand(value));
}

/** Fields whose header has another name. */
const HEADER_OF: Readonly<Record<string, string>> = { acl: 'x-amz-acl', tagging: 'x-amz-tagging' };

/** Returns a field's bytes as in a header: one character each. */
function asHeader(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function checkForm(
  fields: ReadonlyMap<string, string>,
  { clock, secretsOf }: OperationContext,
): { min: number; max: number } {
  const policy = fields.get('policy');
  if (policy === undefined) throw new AwsError('AccessDenied', 403, 'Access Denied: the form has no policy.');
  const scope = parseScope(fields.get('x-amz-credential') ?? '');
  if (scope === undefined || fields.get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') {
    throw new AwsError(
      'InvalidRequest',
      400,
      'The form must be signed with AWS4-HMAC-SHA256 (x-amz-algorithm, x-amz-credential, x-amz-signature).',
    );
  }
  checkSignature(policy, fields.get('x-amz-signature') ?? '', scope, secretsOf);
  const parsed = parsePolicy(policy);
  checkPolicy(parsed, fields, clock.now());
  return lengthRange(parsed);
}

/** Yields the file, and fails if its size is out of range. */
async function* within({ stream }: FormFile, min: number, max: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of limitedBody(stream, max, () => tooLarge(max))) {
    bytes += piece.byteLength;
    yield piece;
  }
  if (bytes < min) {
    throw new AwsError(
      'EntityTooSmall',
      400,
      'Your proposed upload is smaller than the minimum allowed size',
      {
        ProposedSize: String(bytes),
        MinSizeAllowed: String(min),
      },
    );
  }
}

function answer(
  request: S3Request,
  bucket: Bucket,
  version: Version,
  fields: ReadonlyMap<string, string>,
): Answer {
  const { key, etag, versionId } = version;
  const location = `http://${request.incoming.headers.host}/${bucket.name}/${encodeURIComponent(key).replaceAll('%2F', '/')}`;
  const headers = { etag: `"${etag}"`, location, ...versionHeader(bucket, versionId) };
  const redirect = redirectTarget(
    fields.get('success_action_redirect') ?? fields.get('redirect'),
    bucket.name,
    key,
    etag,
  );
  if (redirect !== undefined) return { status: 303, headers: { ...headers, location: redirect } };
  const status = Number(fields.get('success_action_status'));
  if (status === 201) {
    const body = writeXml('PostResponse', {
      Location: location,
      Bucket: bucket.name,
      Key: key,
      ETag: `"${etag}"`,
    });
    return { status, headers: { ...headers, 'content-type': 'application/xml' }, body };
  }
  return { status: status === 200 ? 200 : 204, headers };
}

function redirectTarget(
  text: string | undefined,
  bucket: string,
  key: string,
  etag: string,
): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.searchParams.set('bucket', bucket);
  url.searchParams.set('key', key);
  url.searchParams.set('etag', `"${etag}"`);
  return url.href;
}
