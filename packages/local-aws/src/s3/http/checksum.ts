import { AwsError } from '../../aws-error.ts';
import { CHECKSUM_ALGORITHMS, type Checksum, type ChecksumAlgorithm } from '../version.ts';

/** Returns the response headers for a checksum. */
export function checksumHeaders({ algorithm, value }: Checksum): Record<string, string> {
  return {
    [`x-amz-checksum-${algorithm.toLowerCase()}`]: value,
    'x-amz-checksum-type': typeOf(value),
  };
}

/** Returns a checksum as document elements. */
export function checksumElements({ algorithm, value }: Checksum): Record<string, string> {
  return { [`Checksum${algorithm}`]: value, ChecksumType: typeOf(value) };
}

function typeOf(value: string): string {
  return value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT';
}

/**
 * Returns the algorithm that a client names.
 * @throws AwsError NotImplemented
 */
export function wantedAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = CHECKSUM_ALGORITHMS.find((each) => each === name.toUpperCase());
  if (algorithm === undefined)
    throw new AwsError('NotImplemented', 501, `This local S3 does not know the checksum ${name}.`);
  return algorithm;
}
