import type { S3Event, SQSRecord } from 'aws-lambda';

/** Returns a message's uploads, as sample patterns read them. */
export function uploadsIn({ body }: Pick<SQSRecord, 'body'>): { bucket: string; key: string }[] {
  const { Records } = JSON.parse(body) as S3Event;
  return Records.map(({ s3 }) => ({
    bucket: s3.bucket.name,
    key: decodeURIComponent(s3.object.key.replaceAll('+', ' ')),
  }));
}
