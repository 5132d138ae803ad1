import * as z from 'zod';

/** Of the event that API Gateway sends with payload format 2.0. */
const eventSchema = z.object({
  event: z.object({
    requestContext: z.object({
      authorizer: z.object({
        iam: z.object({ userArn: z.string().min(1) }).optional(),
        jwt: z.object({ claims: z.object({ sub: z.string().min(1) }) }).optional(),
      }),
    }),
  }),
});

/**
 * Who makes a request on AWS, as the gateway has found out: the ARN by IAM, the subject of a token.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @param env what Hono's adapter for Lambda hands over
 */
export function callerOf(env: unknown): string {
  const parsed = eventSchema.safeParse(env);
  const { iam, jwt } = parsed.data?.event.requestContext.authorizer ?? {};
  return iam?.userArn ?? jwt?.claims.sub ?? 'unknown';
}
