import { AwsError } from '../aws-error.ts';

const LONGEST_KEY_BYTES = 1024;

/** @throws AwsError KeyTooLongError */
export function checkKeyLength(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > LONGEST_KEY_BYTES)
    throw new AwsError('KeyTooLongError', 400, 'Your key is too long', {
      Size: String(bytes),
      MaxSizeAllowed: String(LONGEST_KEY_BYTES),
    });
}
