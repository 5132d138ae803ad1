import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Returns the ids that lead from the stack to a construct. They tell it apart from others of its kind in the stack;
 * where it is the stack's own, under its usual id, nothing needs to.
 */
export function idsInStack(construct: Construct, usual: string): string[] {
  const ids = construct.node.path.slice(Stack.of(construct).node.path.length).split('/').filter(Boolean);
  return ids.length === 1 && ids[0] === usual ? [] : ids;
}
