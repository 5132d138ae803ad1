import { AwsError } from '../../aws-error.ts';
import { receiveText } from '../http/body.ts';
import { readXml, xmlTime } from '../http/xml.ts';
import { bucketOf, xmlAnswer, type Operation } from '../operation.ts';

export const listBuckets: Operation = (_request, { model }) => {
  const Bucket = model
    .buckets()
    .map(({ name, createdAt }) => ({ Name: name, CreationDate: xmlTime(createdAt) }));
  return xmlAnswer('ListAllMyBucketsResult', {
    Owner: { ID: 'local', DisplayName: 'local' },
    Buckets: { Bucket },
  });
};

export const createBucket: Operation = async (request, { model, journal }) => {
  const text = await receiveText(request);
  if (text !== '') checkConfiguration(readXml(text, 'CreateBucketConfiguration') || {});
  model.createBucket(request.bucket ?? '');
  await journal.flush();
  return { status: 200, headers: { location: `/${request.bucket}` } };
};

/**
 * A location constraint is accepted; there is only one region.
 * @throws AwsError NotImplemented
 */
function checkConfiguration(configuration: object): void {
  const other = Object.keys(configuration).find((name) => name !== 'LocationConstraint');
  if (other !== undefined)
    throw new AwsError('NotImplemented', 501, `This local S3 makes no buckets with ${other}.`);
}

export const headBucket: Operation = (request, context) => {
  bucketOf(request, context);
  return { status: 200, headers: { 'x-amz-bucket-region': context.region } };
};

export const deleteBucket: Operation = async (request, { model, journal }) => {
  model.deleteBucket(request.bucket ?? '');
  await journal.flush();
  return { status: 204 };
};

export const getBucketLocation: Operation = (request, context) => {
  bucketOf(request, context);
  return xmlAnswer('LocationConstraint', context.region === 'us-east-1' ? {} : { '#text': context.region });
};
