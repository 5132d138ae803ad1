import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

/** Without a response, CloudFormation waits for an hour. */
const TRIES = 3;
const TIMEOUT_MILLISECONDS = 10_000;

/**
 * Reports to CloudFormation that its request for a custom resource succeeded.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 * @throws Error if the response cannot be delivered; Lambda then invokes the function again
 */
export async function answer(
  event: CloudFormationCustomResourceEvent,
  data: Readonly<Record<string, string>>,
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const PhysicalResourceId = 'PhysicalResourceId' in event ? event.PhysicalResourceId : LogicalResourceId;
  const response = {
    Status: 'SUCCESS',
    PhysicalResourceId,
    StackId,
    RequestId,
    LogicalResourceId,
    Data: data,
  };
  // As bytes: fetch adds a content type to text, which the URL's signature does not cover.
  const body = Buffer.from(JSON.stringify(response));
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
      const { ok, status } = await fetch(event.ResponseURL, { method: 'PUT', body, signal });
      if (ok) return;
      throw new Error(`CloudFormation's response URL answered with ${status}`);
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}
