import * as z from 'zod';
import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import { receiveContent, receiveText } from '../http/body.ts';
import { checksumHeaders } from '../http/checksum.ts';
import { readDescriptive } from '../http/descriptive.ts';
import { refuseChecksum } from '../http/unsupported.ts';
import { header, numberParameter, type S3Request } from '../http/request.ts';
import { readXml, xmlTime } from '../http/xml.ts';
import type { MultipartUpload } from '../multipart.ts';
import {
  bucketOf,
  keyOf,
  versionHeader,
  writeConditions,
  xmlAnswer,
  type Operation,
  type OperationContext,
} from '../operation.ts';
import { findCopySource } from './object-write.ts';
import { openRange, type Range } from '../open-range.ts';

const MOST_PARTS = 10_000;

export const createMultipartUpload: Operation = async (request, context) => {
  const bucket = bucketOf(request, context);
  const upload = context.model.createUpload(bucket, keyOf(request), readDescriptive(request));
  await context.journal.flush();
  return xmlAnswer('InitiateMultipartUploadResult', {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.id,
  });
};

export const uploadPart: Operation = async (request, context) => {
  const upload = uploadOf(request, context);
  const number = partNumber(request);
  const content = await receiveContent(request, context);
  const part = await storePart(upload, number, content, context);
  return {
    status: 200,
    headers: {
      etag: `"${part.etag}"`,
      ...(part.checksum === undefined ? {} : checksumHeaders(part.checksum)),
    },
  };
};

export const uploadPartCopy: Operation = async (request, context) => {
  const upload = uploadOf(request, context);
  const number = partNumber(request);
  const { version } = findCopySource(request, context);
  const range = copiedRange(header(request, 'x-amz-copy-source-range'), version.bytes);
  const content = await openRange(version.segments, range, context.blobs);
  const { segment, md5: etag } = await context.blobs.write(content);
  const part = await storePart(upload, number, { segments: [segment], bytes: segment.bytes, etag }, context);
  return xmlAnswer('CopyPartResult', {
    ETag: `"${part.etag}"`,
    LastModified: xmlTime(part.lastModified),
  });
};

/**
 * Returns the range of the source that a part copies. Unlike a range to read, it needs both ends within the source.
 * @throws AwsError InvalidArgument
 */
function copiedRange(text: string | undefined, bytes: number): Range {
  if (text === undefined) return { begin: 0, end: bytes - 1 };
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(text) ?? [];
  const range = { begin: Number(first), end: Number(last) };
  if (last !== '' && range.begin <= range.end && range.end < bytes) return range;
  const message =
    last === ''
      ? 'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy'
      : `Range specified is not valid for source object of size: ${bytes}`;
  throw new AwsError('InvalidArgument', 400, message, {
    ArgumentName: 'x-amz-copy-source-range',
    ArgumentValue: text,
  });
}

async function storePart(
  upload: MultipartUpload,
  number: number,
  content: Parameters<OperationContext['model']['putPart']>[2],
  { model, blobs, journal }: OperationContext,
) {
  try {
    const part = model.putPart(upload, number, content);
    await journal.flush();
    return part;
  } catch (error) {
    await blobs.remove(content.segments);
    throw error;
  }
}

const completeSchema = z.object({
  Part: z
    .array(z.object({ PartNumber: z.coerce.number().int().min(1).max(MOST_PARTS), ETag: z.string() }))
    .min(1),
});

export const completeMultipartUpload: Operation = async (request, context) => {
  const bucket = bucketOf(request, context);
  refuseChecksum(Object.keys(request.headers));
  const key = keyOf(request);
  const write = context.model.begin(bucket, key);
  try {
    const parsed = completeSchema.safeParse(readXml(await receiveText(request), 'CompleteMultipartUpload'));
    if (!parsed.success) {
      throw new AwsError(
        'MalformedXML',
        400,
        'The XML you provided was not well-formed or did not validate against our published schema',
      );
    }
    const parts = parsed.data.Part.map(({ PartNumber, ETag }) => ({ number: PartNumber, etag: ETag }));
    const bytes = objectSize(request);
    const completion = { parts, ...defined({ bytes }) };
    const version =
      context.model.completedUpload(bucket, key, uploadIdOf(request), completion) ??
      context.model.completeUpload(uploadOf(request, context), completion, write, writeConditions(request));
    await context.journal.flush();
    const answer = xmlAnswer('CompleteMultipartUploadResult', {
      Location: `/${bucket.name}/${encodeURIComponent(key)}`,
      Bucket: bucket.name,
      Key: key,
      ETag: `"${version.etag}"`,
    });
    return { ...answer, headers: { ...answer.headers, ...versionHeader(bucket, version.versionId) } };
  } finally {
    context.model.abandon(write);
  }
};

export const abortMultipartUpload: Operation = async (request, context) => {
  context.model.abortUpload(uploadOf(request, context));
  await context.journal.flush();
  return { status: 204 };
};

export const listParts: Operation = (request, context) => {
  const bucket = bucketOf(request, context);
  const upload = uploadOf(request, context);
  const max = numberParameter(request, 'max-parts', 1000, 1000);
  const marker = numberParameter(request, 'part-number-marker', 0, MOST_PARTS);
  const all = [...upload.parts.values()]
    .filter(({ number }) => number > marker)
    .toSorted((a, b) => a.number - b.number);
  const page = all.slice(0, max);
  const next = all.length > page.length ? page.at(-1)?.number : undefined;
  return xmlAnswer('ListPartsResult', {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: marker,
    ...defined({ NextPartNumberMarker: next }),
    MaxParts: max,
    IsTruncated: next !== undefined,
    StorageClass: 'STANDARD',
    Part: page.map(({ number, etag, bytes, lastModified }) => ({
      PartNumber: number,
      LastModified: xmlTime(lastModified),
      ETag: `"${etag}"`,
      Size: bytes,
    })),
  });
};

function uploadOf(request: S3Request, context: OperationContext): MultipartUpload {
  return context.model.upload(bucketOf(request, context), keyOf(request), uploadIdOf(request));
}

function uploadIdOf({ query }: S3Request): string {
  return query.get('uploadId') ?? '';
}

function partNumber(request: S3Request): number {
  const number = Number(request.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS) {
    throw new AwsError(
      'InvalidArgument',
      400,
      `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
      {
        ArgumentName: 'partNumber',
      },
    );
  }
  return number;
}

/** Returns the total size that the client expects, if it sends one. */
function objectSize(request: S3Request): number | undefined {
  const text = header(request, 'x-amz-mp-object-size');
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) {
    throw new AwsError('InvalidRequest', 400, `Value for x-amz-mp-object-size header is invalid: '${text}'`);
  }
  return Number(text);
}
