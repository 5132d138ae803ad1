import { describe, expect, it } from 'vitest';
import { failedMessages } from '../../src/lambda/batch-response.ts';

const batch = ['a', 'b', 'c'];

describe('a function that answers with partial batch responses', () => {
  it.each([[undefined], [null], [{}], [{ batchItemFailures: [] }], [{ batchItemFailures: null }]])(
    'succeeds for the whole batch with %j',
    (answer) => {
      expect([...failedMessages(answer, batch)]).toEqual([]);
    },
  );

  it('fails only for the messages that it names', () => {
    const answer = { batchItemFailures: [{ itemIdentifier: 'b' }, { itemIdentifier: 'b' }] };
    expect([...failedMessages(answer, batch)]).toEqual(['b']);
  });

  it.each([
    [{ batchItemFailures: [{ itemIdentifier: 'x' }] }],
    [{ batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'x' }] }],
    [{ batchItemFailures: [{ itemIdentifier: '' }] }],
    [{ batchItemFailures: [{ itemIdentifier: null }] }],
    [{ batchItemFailures: [{ id: 'a' }] }],
    [{ batchItemFailures: 'a' }],
    ['done'],
  ])('fails for the whole batch with %j', (answer) => {
    expect([...failedMessages(answer, batch)]).toEqual(batch);
  });
});
