import { AwsError } from '../../aws-error.ts';
import { defined } from '../../defined.ts';
import { receiveText } from '../http/body.ts';
import { numberParameter } from '../http/request.ts';
import { readXml, xmlTime } from '../http/xml.ts';
import { bucketOf, xmlAnswer, type Operation } from '../operation.ts';

const MOST_BUCKETS = 10_000;

export const listBuckets: Operation = (request, { model, region }) => {
  const { query } = request;
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? '';
  const max = numberParameter(request, 'max-buckets', MOST_BUCKETS, MOST_BUCKETS);
  const left = model
    .buckets()
    .filter(({ name }) => name.startsWith(prefix) && name > after)
    .filter(() => (query.get('bucket-region') ?? region) === region);
  const page = left.slice(0, max);
  return xmlAnswer('ListAllMyBucketsResult', {
    Owner: { ID: 'local', DisplayName: 'local' },
    Buckets: {
      Bucket: page.map(({ name, createdAt }) => ({
        Name: name,
        CreationDate: xmlTime(createdAt),
        BucketRegion: region,
      })),
    },
    ...defined({
      Prefix: prefix || undefined,
      ContinuationToken: left.length > page.length ? page.at(-1)?.name : undefined,
    }),
  });
};

/**
 * In us-east-1, S3 accepts a bucket that its owner already has, unless the request names another region.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export const createBucket: Operation = async (request, { model, journal }) => {
  const name = request.bucket ?? '';
  const text = await receiveText(request);
  const constrained = text !== '' && hasLocation(readXml(text, 'CreateBucketConfiguration') || {});
  const isThere = model.buckets().some((bucket) => bucket.name === name);
  if (constrained || !isThere) model.createBucket(name);
  await journal.flush();
  return { status: 200, headers: { location: `/${name}` } };
};

/**
 * Returns whether a location constraint is set. It has no other effect: there is only one region.
 * @throws AwsError NotImplemented
 */
function hasLocation(configuration: object): boolean {
  const names = Object.keys(configuration);
  const other = names.find((name) => name !== 'LocationConstraint');
  if (other !== undefined)
    throw new AwsError('NotImplemented', 501, `This local S3 makes no buckets with ${other}.`);
  return names.length > 0;
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
