import { expect, it } from 'vitest';
import { createApi } from '../../src/api/app.ts';
import type { ApiDeps } from '../../src/api/deps.ts';
import { PROBLEMS } from '../../src/contract/problems.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { requireOperationsRoute } from '../../src/api/operations-route.ts';
import { problem } from '../../src/api/problem.ts';
import { bundleFunction } from '../../scripts/build/functions.ts';

const api = createApi({
  deployment: { uploadBuckets: ['uploads'], renditions: ['web'], deadLetterQueueUrl: 'http://sqs/1/dead' },
  maxUploadBytes: 1000,
} as unknown as ApiDeps);

interface Description {
  paths: Record<string, Record<string, { operationId: string }>>;
}

it('the server describes exactly the routes of the contract', async () => {
  const { paths } = (await (await api.request('/openapi.json')).json()) as Description;
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => [operationId, { method, path }] as const),
  );
  expect(Object.fromEntries(described)).toEqual(ROUTES);
  expect(described).toHaveLength(Object.keys(ROUTES).length);
});

it('a problem has its code in words', async () => {
  for (const [code, title] of Object.entries(PROBLEMS)) {
    expect(title).toMatch(/^\S.* .*\S$/);
    expect(await problem(400, code as keyof typeof PROBLEMS, 'why').json()).toMatchObject({ code, title });
  }
  const event = { routeKey: 'ANY /{proxy+}' };
  const refused = await requireOperationsRoute(api).request('/ops/redrives', {}, { event });
  expect(await refused.json()).toMatchObject({
    code: 'route.forbidden',
    title: PROBLEMS['route.forbidden'],
  });
});

it("the API's bundle contains no zod locale except English", async () => {
  const { metafile } = await bundleFunction('src/api/lambda.ts');
  const locales = Object.keys(metafile.inputs).flatMap(
    (path) => /zod\/v4\/locales\/(\w.*)/.exec(path)?.slice(1) ?? [],
  );
  expect(locales.toSorted()).toEqual(['en.js', 'index.js']);
});
