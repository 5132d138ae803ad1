import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { answer } from './answer.ts';

/**
 * Numbers the deployments of a recipe (docs/adr/0013). CloudFormation calls it when the resource is created, when the
 * recipe changes, and when such a change is rolled back. Each time, it returns a higher number: the time in
 * milliseconds, so that a stack recreated on the same buckets is newer than the previous stack.
 */
export const handler = (event: CloudFormationCustomResourceEvent): Promise<void> =>
  answer(event, { Generation: String(Date.now()) });
