import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { answer } from './answer.ts';

/**
 * Numbers the deployments of a recipe (docs/adr/0013). CloudFormation calls it when the resource is created, when the
 * recipe changes, and when such a change is rolled back: each of these gets a higher number. It is the time in
 * milliseconds, so a stack that is recreated on the same buckets is newer than the stack before it.
 */
export const handler = (event: CloudFormationCustomResourceEvent): Promise<void> =>
  answer(event, { Generation: String(Date.now()) });
