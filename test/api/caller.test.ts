import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { callerOf } from '../../src/api/caller.ts';
import { requireOperationsRoute } from '../../src/api/operations-route.ts';

const app = new Hono();
app.get('/ops/who', (context) => context.text(callerOf(context.env)));
const handler = handle(requireOperationsRoute(app));

async function whoIs(authorizer: unknown): Promise<string> {
  const event = {
    version: '2.0',
    routeKey: 'ANY /ops/{proxy+}',
    rawPath: '/ops/who',
    rawQueryString: '',
    headers: { host: 'api.example', 'x-amzn-iam-user': 'forged' },
    isBase64Encoded: false,
    requestContext: { domainName: 'api.example', http: { method: 'GET', path: '/ops/who' }, authorizer },
  };
  return (await handler(event as unknown as LambdaEvent)).body;
}

describe('the caller', () => {
  it('is the ARN that API Gateway identified with IAM', async () => {
    const userArn = 'arn:aws:sts::123456789012:assumed-role/operator/anna';
    expect(await whoIs({ iam: { userArn, userId: 'AROA:anna', accountId: '123456789012' } })).toBe(userArn);
  });

  it('is the subject of the token that API Gateway checked', async () => {
    expect(await whoIs({ jwt: { claims: { sub: 'anna', aud: 'millrace' }, scopes: null } })).toBe('anna');
  });

  it.each([undefined, {}, { iam: {} }, { jwt: { claims: {} } }])('is unknown with %j', async (authorizer) => {
    expect(await whoIs(authorizer)).toBe('unknown');
  });
});
