import * as z from 'zod';
import { problemResponses, route } from './describe.ts';
import { objectKey, uploadBucket } from './fields.ts';

export function previewSource(uploadBuckets: readonly string[]) {
  return {
    ...route('previewSource'),
    summary:
      'Redirects to a presigned URL of an upload, valid for five minutes; images are shown, other files downloaded',
    request: {
      query: z.object({ bucket: uploadBucket(uploadBuckets, 'expected an upload bucket'), key: objectKey }),
    },
    responses: {
      302: { description: 'Where it is', headers: z.object({ location: z.url() }) },
      ...problemResponses(400, 404, 502),
    },
  };
}
