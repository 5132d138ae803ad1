import { HeadObjectCommand, PutObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { defined } from '../../src/core/defined.ts';
import type { FailureReport } from '../../src/core/failure-report.ts';
import { resultKey } from '../../src/core/result-keys.ts';
import { sourceNameOf, writeResultMetadata } from '../../src/core/result-metadata.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { storeReport } from './stored.ts';

type Pipeline = Pick<OpsContext, 's3' | 'deployment'>;

/** Stores the results of the current upload of a key, as the worker does under the deployed recipe. */
export async function storeConverted({ s3, deployment }: Pipeline, key: string): Promise<void> {
  const source = { bucket: 'uploads', key };
  const { ETag = '', VersionId } = await headOf({ s3, deployment }, key);
  for (const rendition of deployment.renditions) {
    const Metadata = writeResultMetadata({
      ...defined({ sourceVersionId: VersionId }),
      sourceName: sourceNameOf(source),
      sourceEtag: ETag.replaceAll('"', ''),
      recipe: deployment.recipeId,
      generation: deployment.generation,
      stamp: 'stamp',
      rendition,
    });
    const Key = resultKey(source, rendition, deployment);
    await s3.send(
      new PutObjectCommand({ Bucket: deployment.resultBucket, Key, Body: 'some result', Metadata }),
    );
  }
}

/** Stores a failure report on the current upload of a key, as the worker does under the deployed recipe. */
export async function storeFailed(
  { s3, deployment }: Pipeline,
  key: string,
  about: Partial<FailureReport>,
): Promise<void> {
  const { ETag = '', VersionId, LastModified } = await headOf({ s3, deployment }, key);
  await storeReport(s3, { bucket: 'uploads', key }, key, {
    source: {
      etag: ETag,
      ...defined({ versionId: VersionId }),
      lastModified: LastModified?.toISOString() ?? '',
    },
    recipe: deployment.recipeId,
    ...about,
  });
}

function headOf({ s3 }: Pipeline, Key: string): Promise<HeadObjectCommandOutput> {
  return s3.send(new HeadObjectCommand({ Bucket: 'uploads', Key }));
}
