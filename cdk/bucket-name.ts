import * as z from 'zod';

/**
 * S3's rules for names. With them, a wrong name fails the synthesis and not, minutes later, the deployment.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
const LONGEST = 63;
/** The suffix of a created bucket's name. No region has a longer name. */
const SUFFIX = '-123456789012-ap-southeast-1'.length;
/** Maximum length of a new bucket's name before the suffix. */
export const LONGEST_NEW_NAME = LONGEST - SUFFIX;
const RESERVED_BEGINNING = /^(xn--|sthree-|amzn-s3-demo-)/;
const RESERVED_END = /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** A new bucket's name before the suffix. It has no dots, because S3's certificates do not cover names with dots. */
export const newBucketName = z
  .string()
  .max(LONGEST_NEW_NAME, `has more than ${LONGEST_NEW_NAME} characters, account and region follow it`)
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    'expected lower-case letters, digits and hyphens, no hyphen first or last',
  )
  .refine((name) => !RESERVED_BEGINNING.test(name), 'begins as only names that AWS reserves do');

/** The name of an existing bucket. */
export const bucketName = z
  .string()
  .min(3, 'has fewer than 3 characters')
  .max(LONGEST, `has more than ${LONGEST} characters`)
  .regex(
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
    'expected lower-case letters, digits, dots and hyphens, with a letter or digit first and last',
  )
  .refine((name) => !name.includes('..'), 'has two dots in a row')
  .refine((name) => !/^\d+\.\d+\.\d+\.\d+$/.test(name), 'looks like an IP address')
  .refine(
    (name) => !RESERVED_BEGINNING.test(name) && !RESERVED_END.test(name),
    'begins or ends as only names that AWS reserves do',
  );
