import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Returns the ids on the path from the stack to a construct, which distinguish it from others of its kind in the
 * stack.
 * Returns none for a construct directly in the stack that has its usual id.
 */
export function idsInStack(construct: Construct, usual?: string): string[] {
  const ids = construct.node.path.slice(Stack.of(construct).node.path.length).split('/').filter(Boolean);
  return ids.length === 1 && ids[0] === usual ? [] : ids;
}
