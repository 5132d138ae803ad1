import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '@millrace/local-aws/models';

type Item = Record<string, AttributeValue>;

/** The idempotency table, for the requests of Powertools' persistence layer. */
export interface Table {
  /** @throws ConditionalCheckFailedException; Error for an unknown request */
  answer(command: unknown): { Item?: Item };
  /** Expires all records. */
  forget(): void;
  /** Extends the lock of a dead process. */
  holdLocks(milliseconds: number): string;
}

/** The only condition that Powertools uses: an upload is locked unless its record is missing, expired or orphaned. */
export const CONDITION =
  'attribute_not_exists(#id) OR #expiry < :now OR (#status = :inprogress AND attribute_exists(#in_progress_expiry) AND #in_progress_expiry < :now_in_millis)';
const UPDATES = new Set([
  'SET #expiry = :expiry, #status = :status',
  'SET #expiry = :expiry, #status = :status, #response_data = :response_data',
]);

export function createTable(clock: Clock): Table {
  const items = new Map<string, Item>();
  const idOf = (key: Item | undefined) => key?.['id']?.S ?? '';
  const numberIn = (item: Item, name: string) => Number(item[name]?.N ?? Number.NaN);

  function isFree(item: Item | undefined): boolean {
    if (item === undefined) return true;
    if (numberIn(item, 'expiration') < clock.now() / 1000) return true;
    return item['status']?.S === 'INPROGRESS' && numberIn(item, 'in_progress_expiration') < clock.now();
  }

  return {
    forget: () => items.clear(),

    holdLocks(milliseconds) {
      for (const item of items.values())
        if (item['status']?.S === 'INPROGRESS')
          item['in_progress_expiration'] = { N: String(clock.now() + milliseconds) };
      return 'all locks are held for longer';
    },

    answer(command) {
      if (command instanceof PutItemCommand) {
        const { Item, ConditionExpression } = command.input;
        if (ConditionExpression !== CONDITION)
          throw new Error(`an unknown condition: ${ConditionExpression}`);
        const existing = items.get(idOf(Item));
        if (!isFree(existing)) {
          throw new ConditionalCheckFailedException({
            message: 'The conditional request failed',
            $metadata: { httpStatusCode: 400 },
            ...(existing === undefined ? {} : { Item: { ...existing } }),
          });
        }
        items.set(idOf(Item), { ...Item });
        return {};
      }
      if (command instanceof UpdateItemCommand) {
        const {
          Key,
          UpdateExpression = '',
          ExpressionAttributeNames = {},
          ExpressionAttributeValues = {},
        } = command.input;
        if (!UPDATES.has(UpdateExpression)) throw new Error(`an unknown update: ${UpdateExpression}`);
        const item: Item = { ...items.get(idOf(Key)), ...Key };
        for (const [placeholder, name] of Object.entries(ExpressionAttributeNames)) {
          const value = ExpressionAttributeValues[placeholder.replace('#', ':')];
          if (value !== undefined) item[name] = value;
        }
        items.set(idOf(Key), item);
        return {};
      }
      if (command instanceof GetItemCommand) {
        const item = items.get(idOf(command.input.Key));
        return item === undefined ? {} : { Item: { ...item } };
      }
      if (command instanceof DeleteItemCommand) {
        items.delete(idOf(command.input.Key));
        return {};
      }
      throw new Error('an unknown request to DynamoDB');
    },
  };
}
