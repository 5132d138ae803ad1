import * as z from 'zod';
import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import { receiveText } from '../http/body.ts';
import { readXml } from '../http/xml.ts';
import { bucketOf, keyOf, versionHeader, writeConditions, xmlAnswer, type Operation } from '../operation.ts';

export const deleteObject: Operation = async (request, context) => {
  const bucket = bucketOf(request, context);
  const versionId = request.query.get('versionId') ?? undefined;
  const deleted = context.model.delete(bucket, keyOf(request), versionId, writeConditions(request));
  await context.journal.flush();
  return {
    status: 204,
    headers: {
      ...(deleted.versionId === undefined ? {} : versionHeader(bucket, deleted.versionId)),
      ...(deleted.deleteMarker ? { 'x-amz-delete-marker': 'true' } : {}),
    },
  };
};

const deleteSchema = z.strictObject({
  Quiet: z.enum(['true', 'false']).optional(),
  Object: z
    .array(
      z.strictObject({
        Key: z.string().min(1),
        VersionId: z.string().optional(),
        ETag: z.string().optional(),
      }),
    )
    .min(1)
    .max(1000),
});

/** Deletes up to 1,000 objects, and reports an error for each that fails. */
export const deleteObjects: Operation = async (request, context) => {
  const bucket = bucketOf(request, context);
  const parsed = deleteSchema.safeParse(readXml(await receiveText(request), 'Delete'));
  if (!parsed.success) {
    throw new AwsError(
      'MalformedXML',
      400,
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  const Deleted: object[] = [];
  const Errors: object[] = [];
  for (const { Key, VersionId, ETag } of parsed.data.Object) {
    try {
      const done = context.model.delete(bucket, Key, VersionId, defined({ ifMatch: ETag }));
      Deleted.push({
        Key,
        ...defined({ VersionId }),
        ...(done.deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: done.versionId } : {}),
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Errors.push({ Key, Code: error.code, Message: error.message });
    }
  }
  await context.journal.flush();
  return xmlAnswer('DeleteResult', { Deleted: parsed.data.Quiet === 'true' ? [] : Deleted, Error: Errors });
};
