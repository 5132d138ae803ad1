/** Message attributes with which the worker states why it sent a message to the dead-letter queue. */
export const DEAD_LETTER_ATTRIBUTES = { code: 'code', message: 'message', attempts: 'attempts' } as const;

/**
 * Makes text fit for a message attribute: SQS refuses the characters XML 1.0 has no place for, and attributes
 * count towards the message's size.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export function attributeText(text: string): string {
  const allowed = text
    .toWellFormed()
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu, ' ');
  return allowed.slice(0, 1000).toWellFormed() || ' ';
}
