import * as z from 'zod';

/** The part of API Gateway's event, in payload format 2.0, that is read here. */
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
 * Returns the caller of a request on AWS, as identified by API Gateway: an ARN from IAM, or a token's subject.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @param env the environment from Hono's Lambda adapter
 */
export function callerOf(env: unknown): string {
  const parsed = eventSchema.safeParse(env);
  const { iam, jwt } = parsed.data?.event.requestContext.authorizer ?? {};
  return iam?.userArn ?? jwt?.claims.sub ?? 'unknown';
}
