import { expect, it } from 'vitest';
import { createApi } from '../../src/api/app.ts';
import type { ApiDeps } from '../../src/api/deps.ts';
import { PROBLEMS } from '../../src/contract/problems.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { requireOperationsRoute } from '../../src/api/operations-route.ts';
import { problem } from '../../src/api/problem.ts';
import { bundleFunction } from '../../scripts/build/functions.ts';

const create = () =>
  createApi({
    deployment: { uploadBuckets: ['uploads'], renditions: ['web'], deadLetterQueueUrl: 'http://sqs/1/dead' },
    maxUploadBytes: 1000,
  } as unknown as ApiDeps);

interface Answer {
  description: string;
  headers?: object;
  content?: Record<string, { schema: object }>;
}
interface Operation {
  operationId: string;
  requestBody?: { required: boolean; content: { 'application/json': { schema: object } } };
  responses: Record<string, Answer>;
}
interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: object };
}

const described = async () => (await (await create().request('/openapi.json')).json()) as Description;
const operations = async () =>
  Object.values((await described()).paths).flatMap((methods) => Object.values(methods));
/** Clients that are generated from the document name their types so. */
const NAMED = { $ref: expect.stringMatching(/^#\/components\/schemas\/\w+$/) };

it('the server describes exactly the routes of the contract', async () => {
  const { paths } = await described();
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => [operationId, { method, path }] as const),
  );
  expect(Object.fromEntries(routes)).toEqual(ROUTES);
  expect(routes).toHaveLength(Object.keys(ROUTES).length);
});

it('the server describes every response to each route, and all problems in the same way', async () => {
  const problems = new Map<string, string>();
  for (const { operationId, responses } of await operations()) {
    const answers = Object.entries(responses);
    const [good, bad] = [
      answers.filter(([status]) => status < '400'),
      answers.filter(([status]) => status >= '400'),
    ];
    expect(good, operationId).not.toEqual([]);
    for (const [status, { headers, content = {} }] of good) {
      if (status === '302') expect(headers).toHaveProperty('location');
      else if (status !== '204') expect(Object.keys(content), operationId).toHaveLength(1);
    }
    expect(bad, operationId).not.toEqual([]);
    for (const [status, { description, content }] of bad) {
      // Its status says so.
      if (operationId === 'getObject' && status === '404') {
        expect(Object.keys(content ?? {})).toEqual(['application/json']);
        continue;
      }
      expect(content).toEqual({
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      });
      problems.set(description, status);
    }
  }
  // Each status has its own description.
  expect(problems.size).toBe(new Set(problems.values()).size);
  expect(problems.size).toBeGreaterThan(3);
});

it('the server requires the bodies of requests, and describes them by name', async () => {
  const bodies = (await operations()).flatMap(({ requestBody }) => requestBody ?? []);
  expect(bodies.length).toBeGreaterThan(4);
  for (const { required, content } of bodies)
    expect([required, content['application/json'].schema]).toEqual([true, NAMED]);
  expect((await described()).components.schemas).toMatchObject({
    UploadRequest: { properties: { files: { items: { $ref: '#/components/schemas/UploadFile' } } } },
  });
});

it('a problem has its code in words', async () => {
  for (const [code, title] of Object.entries(PROBLEMS)) {
    expect(title).toMatch(/^\S.* .*\S$/);
    expect(await problem(400, code as keyof typeof PROBLEMS, 'why').json()).toMatchObject({ code, title });
  }
  const event = { routeKey: 'ANY /{proxy+}' };
  const refused = await requireOperationsRoute(create()).request('/ops/redrives', {}, { event });
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
