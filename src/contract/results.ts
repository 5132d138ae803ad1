import * as z from 'zod';
import { problemResponses, route } from './describe.ts';
import { objectKey } from './fields.ts';

export const getResult = {
  ...route('getResult'),
  summary: 'Redirects to a presigned URL of a result, valid for five minutes',
  description:
    'URL parsers resolve the path segments `.` and `..`, so browsers cannot follow the redirect if the key contains one. Read such a result with an S3 client.',
  request: {
    params: z.object({ key: objectKey.describe('Key of the result. Slashes can be encoded or not.') }),
    query: z.object({
      download: z
        .enum(['0', '1'])
        .default('0')
        .describe('`1` downloads the result as an attachment instead of showing it.'),
    }),
  },
  responses: {
    302: { description: 'Where it is', headers: z.object({ location: z.url() }) },
    ...problemResponses(400, 404, 502),
  },
};
