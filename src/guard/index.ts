import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SETTINGS } from '../core/settings.ts';
import { archiveDeadLetters } from '../ops/dead-letters/archive.ts';
import { readGuardConfig } from './config.ts';

const ops = { s3: new S3Client({}), sqs: new SQSClient({}), deployment: readGuardConfig(process.env) };

/** The scheduled Lambda function: archives dead letters that SQS would drop soon. Answers what it took. */
export const handler = () => archiveDeadLetters(ops, SETTINGS.archiveAfterSeconds);
