import { CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../cdk/settings.ts';
import { resource, resourcesOf } from '../resources.ts';
import { EVERYTHING, findings, synthesize, type Settings } from '../synthesize.ts';

const routes = (settings: Settings) =>
  Object.fromEntries(
    resourcesOf(synthesize(settings), 'AWS::ApiGatewayV2::Route').map(([, route]) => [
      route['RouteKey'],
      [route['AuthorizationType'], ...((route['AuthorizationScopes'] ?? []) as string[])].join(' '),
    ]),
  );

describe("the API's routes", () => {
  it('require IAM authorization by default', () => {
    expect(routes({})).toEqual({
      'ANY /': 'AWS_IAM',
      'ANY /{proxy+}': 'AWS_IAM',
      'ANY /ops': 'AWS_IAM',
      'ANY /ops/{proxy+}': 'AWS_IAM',
    });
  });

  it('require a token of the configured issuer, and for operations its scope', () => {
    expect(routes({ ...EVERYTHING, openRoutes: [], browserOrigins: [] })).toEqual({
      'ANY /': 'JWT',
      'ANY /{proxy+}': 'JWT',
      'ANY /ops': 'JWT millrace/operations',
      'ANY /ops/{proxy+}': 'JWT millrace/operations',
    });
    const [[, authorizer] = ['', {}]] = resourcesOf(synthesize(EVERYTHING), 'AWS::ApiGatewayV2::Authorizer');
    expect(authorizer).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['millrace'] },
    });
  });

  it('are open only if they are named', () => {
    expect(routes({ openRoutes: ['GET /openapi.json'] })).toEqual({
      ...routes({}),
      'GET /openapi.json': 'NONE',
    });
    expect(routes({ openRoutes: ['ANY /{proxy+}'] })).toEqual({ ...routes({}), 'ANY /{proxy+}': 'NONE' });
  });

  it.each(['ANY /ops', 'GET /ops/dead-letters', 'POST /ops/{proxy+}', 'ANY /{proxy+'])(
    'cannot be opened with the name %s',
    (route) => {
      expect(settingsSchema.safeParse({ openRoutes: [route] }).success).toBe(false);
    },
  );

  it.each([undefined, 'NONE'])('with the authorization %s are refused', (authorizationType) => {
    const found = findings({ openRoutes: ['GET /openapi.json'] }, (stack) => {
      new CfnRoute(stack, 'Back', {
        apiId: 'any',
        routeKey: 'GET /back-door',
        ...(authorizationType === undefined ? {} : { authorizationType }),
      });
    });
    expect(found).toContainEqual(
      expect.stringMatching(/^construct: .*the route GET \/back-door is open to everybody/),
    );
  });
});

describe('pages of other origins', () => {
  const ORIGINS = { browserOrigins: ['https://photos.example', 'http://localhost:5173'] };
  const cors = (settings: Settings) =>
    resource(synthesize(settings), 'AWS::ApiGatewayV2::Api', 'ApiHttpApi')['CorsConfiguration'];

  it('may call the API only if they are named, and without cookies', () => {
    expect(cors({})).toBeUndefined();
    expect(cors({ ...EVERYTHING, ...ORIGINS })).toEqual({
      AllowOrigins: ORIGINS.browserOrigins,
      AllowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      AllowHeaders: expect.arrayContaining(['authorization', 'content-type']),
      AllowCredentials: false,
      MaxAge: 3600,
    });
  });

  it.each([
    [{}],
    [{ openRoutes: ['ANY /{proxy+}', 'GET /openapi.json'] }],
    [{ openRoutes: ['GET /{proxy+}'] }],
    [{ authorization: { kind: 'jwt', issuer: 'https://issuer.example', audience: ['millrace'] } }],
  ] satisfies [Settings][])('get answers to OPTIONS, because no route matches it (%j)', (settings) => {
    const found = routes({ ...settings, ...ORIGINS });
    const methods = new Set(Object.keys(found).map((route) => route.split(' ')[0]));
    expect(methods).toEqual(new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']));
    const opened = (settings as Settings).openRoutes ?? [];
    for (const [route, authorization] of Object.entries(found)) {
      const open = opened.includes(route) || opened.includes(route.replace(/^\w+/, 'ANY'));
      expect(authorization === 'NONE', route).toBe(open);
    }
    expect(findings({ ...settings, ...ORIGINS })).toEqual([]);
  });

  it('need the usual permission for operations', () => {
    const found = routes({ ...EVERYTHING, ...ORIGINS });
    for (const method of ['GET', 'POST', 'DELETE'])
      expect(found[`${method} /ops/{proxy+}`]).toBe('JWT millrace/operations');
  });
});

describe("the API's stage", () => {
  it('logs callers', () => {
    const [[, stage] = ['', {}]] = resourcesOf(synthesize(), 'AWS::ApiGatewayV2::Stage');
    expect(stage).toMatchObject({
      StageName: '$default',
      AccessLogSettings: {
        DestinationArn: { 'Fn::GetAtt': [expect.stringContaining('ApiAccessLogs'), 'Arn'] },
      },
    });
  });

  it('has a function on Node 24 that times out before API Gateway does', () => {
    const api = resource(synthesize(), 'AWS::Lambda::Function', 'ApiFunction');
    expect(api).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
    });
    expect(api['Timeout']).toBeLessThan(30);
  });
});
