/**
 * Dollars, list prices of us-east-1, for estimates; docs/deploy.md has the formula.
 * https://aws.amazon.com/lambda/pricing/ https://aws.amazon.com/s3/pricing/ https://aws.amazon.com/sqs/pricing/
 * https://aws.amazon.com/dynamodb/pricing/on-demand/
 */
export const PRICES = {
  lambdaGigabyteSecond: { arm64: 0.000_013_333_4, x86_64: 0.000_016_666_7 },
  lambdaInvocation: 0.2e-6,
  /** Price of an SQS event source in provisioned mode; AWS Price List, published 19 September 2026. */
  eventPollerHour: 0.009_25,
  s3Put: 5e-6,
  s3Get: 0.4e-6,
  sqsRequest: 0.4e-6,
  dynamoWrite: 0.625e-6,
} as const;
