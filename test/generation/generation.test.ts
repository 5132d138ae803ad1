import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { handler } from '../../src/generation/lambda.ts';
import { startTestServer } from '../support/http-server.ts';

let stop: () => void | Promise<void> = () => undefined;
afterEach(() => stop());

interface Heard {
  method: string | undefined;
  contentType: string | undefined;
  body: Record<string, unknown>;
}

/** A response URL like CloudFormation's, which responds with these status codes in order. */
async function responseUrl(statuses: number[]): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method, headers } = request;
    const body = JSON.parse(await text(request)) as Record<string, unknown>;
    heard.push({ method, contentType: headers['content-type'], body });
    response.writeHead(statuses.shift() ?? 200).end();
  };
  const server = await startTestServer((request, response) => void answer(request, response));
  ({ stop } = server);
  return { url: `${server.url}/`, heard };
}

function eventOf(ResponseURL: string, rest: object): CloudFormationCustomResourceEvent {
  const event = { ResponseURL, StackId: 's', RequestId: 'r', LogicalResourceId: 'RecipeGeneration', ...rest };
  return event as CloudFormationCustomResourceEvent;
}

describe('the function that numbers deployments', () => {
  it('sends CloudFormation a number that grows with each deployment', async () => {
    const { url, heard } = await responseUrl([]);
    await handler(eventOf(url, { RequestType: 'Create' }));
    const before = Date.now();
    await handler(eventOf(url, { RequestType: 'Update', PhysicalResourceId: 'RecipeGeneration' }));
    expect(heard[0]).toMatchObject({
      method: 'PUT',
      contentType: undefined,
      body: { Status: 'SUCCESS', StackId: 's', RequestId: 'r', LogicalResourceId: 'RecipeGeneration' },
    });
    const [first, second] = heard.map(({ body }) =>
      Number((body['Data'] as { Generation: string }).Generation),
    );
    expect(first).toBeGreaterThan(1_700_000_000_000);
    expect(second).toBeGreaterThanOrEqual(before);
  });

  it('keeps its resource id, because CloudFormation would delete a different one', async () => {
    const { url, heard } = await responseUrl([]);
    await handler(eventOf(url, { RequestType: 'Create' }));
    const { PhysicalResourceId } = heard[0]?.body ?? {};
    await handler(eventOf(url, { RequestType: 'Update', PhysicalResourceId }));
    await handler(eventOf(url, { RequestType: 'Delete', PhysicalResourceId }));
    expect(heard.map(({ body }) => body['PhysicalResourceId'])).toEqual(Array(3).fill(PhysicalResourceId));
    await handler(eventOf(url, { RequestType: 'Update', PhysicalResourceId: 'earlier' }));
    expect(heard[3]?.body['PhysicalResourceId']).toBe('earlier');
  });

  it('sends its response again if it is refused, and finally fails', async () => {
    const { url, heard } = await responseUrl([503, 503, 200]);
    await handler(eventOf(url, { RequestType: 'Create' }));
    expect(heard).toHaveLength(3);
    const refused = await responseUrl([403, 403, 403]);
    await expect(handler(eventOf(refused.url, { RequestType: 'Create' }))).rejects.toThrow(/403/);
  });
});
