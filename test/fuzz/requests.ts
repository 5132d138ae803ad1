import { type Random } from '@millrace/local-aws/models';

type Pick = <T>(choices: readonly T[]) => T;

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE'];

const BUCKETS = [
  '',
  'fuzz',
  'fuzz',
  'fuzz',
  'nowhere',
  '..',
  '%2e%2e',
  '%',
  '%ff',
  'a'.repeat(300),
  '\u0000',
];
const KEYS = [
  '',
  '/',
  '/a',
  '/a',
  '/new',
  '/../../etc/passwd',
  '/%2e%2e%2fx',
  '/%zz',
  '/%ff%fe',
  '//',
  `/${'k'.repeat(1030)}`,
  '/a?b',
  '/%00',
];
const QUERIES = [
  'uploads',
  'uploadId=x',
  'uploadId=',
  'partNumber=1&uploadId=x',
  'partNumber=-1',
  'partNumber=1e9',
  'versionId=x',
  'versionId=null',
  'list-type=2',
  'list-type=3',
  'max-keys=-1',
  'max-keys=1e3',
  'max-keys=999999999999',
  'prefix=%ff',
  'delimiter=',
  'delimiter=%00',
  'continuation-token=zzz',
  'continuation-token=%ff',
  'start-after=%',
  'encoding-type=url',
  'encoding-type=x',
  'versions',
  'key-marker=%',
  'version-id-marker=x',
  'delete',
  'notification',
  'versioning',
  'cors',
  'location',
  'tagging',
  'acl',
  'policy',
  'lifecycle',
  'select',
  'restore',
  'torrent',
  'X-Amz-Expires=-1',
  'X-Amz-Algorithm=AWS4-HMAC-SHA256',
  'X-Amz-Signature=0',
  'X-Amz-Date=never',
  'X-Amz-Credential=%',
  '=',
  '&&&',
  '%',
  'constructor',
  '__proto__=1',
  'toString',
  'response-content-type=%0d%0ax:y',
  'attributes',
  'x-id=GetObject',
];
const SIGNED = 'authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request';
const HEADERS = [
  'authorization: Bearer x',
  'authorization:',
  'range: bytes=-1',
  'range: bytes=5-1',
  'range: bytes=0-99999999999999999999',
  'range: lines=1-2',
  'range: bytes=0-0,2-3',
  'if-match: *',
  'if-match: x',
  'if-match: "',
  'if-none-match: *',
  'if-modified-since: never',
  'if-unmodified-since: 0',
  'content-md5: x',
  'content-md5: AAAAAAAAAAAAAAAAAAAAAA==',
  'x-amz-checksum-crc32: x',
  'x-amz-checksum-sha256: AAAA',
  'x-amz-sdk-checksum-algorithm: CRC99',
  'x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'content-encoding: aws-chunked',
  'x-amz-decoded-content-length: -1',
  'x-amz-decoded-content-length: 5',
  'x-amz-decoded-content-length: x',
  'x-amz-trailer: x-amz-checksum-crc32',
  'x-amz-trailer: no-such-thing',
  'x-amz-copy-source: /fuzz/a',
  'x-amz-copy-source: %',
  'x-amz-copy-source: fuzz',
  'x-amz-copy-source-range: bytes=9-1',
  'x-amz-metadata-directive: X',
  'x-amz-meta-a: =?UTF-8?Q?x',
  `x-amz-meta-b: ${'m'.repeat(3000)}`,
  'x-amz-acl: x',
  'x-amz-storage-class: X',
  'origin: http://x',
  'access-control-request-method: X',
  'content-type: multipart/form-data',
  'content-type: multipart/form-data; boundary=b',
  'content-type: application/x-www-form-urlencoded',
  'content-type: text/xml',
  'expect: 100-continue',
  'expect: x',
  'x-amz-tagging: a',
  'x-amz-server-side-encryption: aws:kms',
  'x-amz-date: x',
  'x-amz-object-attributes: X',
  'x-amz-mfa: x',
  'host: other',
  'transfer-encoding: gzip',
];
const XMLS = [
  '<Delete><Object><Key>zzz</Key></Object></Delete>',
  '<Delete>',
  '<Delete><Object/></Delete>',
  `<Delete>${'<Object><Key>x</Key></Object>'.repeat(1001)}</Delete>`,
  '<CompleteMultipartUpload/>',
  '<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>',
  '<NotificationConfiguration><QueueConfiguration/></NotificationConfiguration>',
  '<VersioningConfiguration><Status>Maybe</Status></VersioningConfiguration>',
  '<CORSConfiguration><CORSRule/></CORSConfiguration>',
  '<CreateBucketConfiguration><LocationConstraint/></CreateBucketConfiguration>',
  '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>',
  '<a>'.repeat(20_000),
  '<a',
  ']]>',
  '<?xml',
];
const BODIES = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;chunk-signature=x\r\nhello\r\n',
  'ffffffffffffffff\r\nhi\r\n',
  '-1\r\nhello\r\n',
  '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n',
  '--b\r\ncontent-disposition: form-data; name="key"\r\n\r\nx\r\n--b--\r\n',
  '--b\r\ncontent-disposition: form-data; name="file"\r\n\r\nx',
  '--b\r\n\r\n',
  'a=b&Action=SendMessage',
  '\u0000\u0001',
];

const ACTIONS = [
  'SendMessage',
  'SendMessageBatch',
  'ReceiveMessage',
  'DeleteMessage',
  'DeleteMessageBatch',
  'ChangeMessageVisibility',
  'ChangeMessageVisibilityBatch',
  'CreateQueue',
  'GetQueueUrl',
  'GetQueueAttributes',
  'SetQueueAttributes',
  'ListQueues',
  'ListDeadLetterSourceQueues',
  'StartMessageMoveTask',
  'ListMessageMoveTasks',
  'CancelMessageMoveTask',
  'PurgeQueue',
  'TagQueue',
  'constructor',
  '__proto__',
  'Nope',
];
/** Parameters of some actions, in addition to the queue's URL. */
const TAKES: Record<string, readonly string[]> = {
  SendMessage: ['MessageBody', 'DelaySeconds', 'MessageAttributes'],
  SendMessageBatch: ['Entries'],
  ReceiveMessage: ['MaxNumberOfMessages', 'VisibilityTimeout', 'AttributeNames', 'MessageAttributeNames'],
  DeleteMessage: ['ReceiptHandle'],
  ChangeMessageVisibility: ['ReceiptHandle', 'VisibilityTimeout'],
  GetQueueAttributes: ['AttributeNames'],
  SetQueueAttributes: ['Attributes'],
  ListQueues: ['QueueNamePrefix', 'MaxResults', 'NextToken'],
  ListDeadLetterSourceQueues: ['MaxResults', 'NextToken'],
};
const FIELDS = [
  'QueueUrl',
  'QueueName',
  'MessageBody',
  'DelaySeconds',
  'MaxNumberOfMessages',
  'WaitTimeSeconds',
  'VisibilityTimeout',
  'ReceiptHandle',
  'Entries',
  'Attributes',
  'AttributeNames',
  'MessageAttributes',
  'MessageAttributeNames',
  'SourceArn',
  'DestinationArn',
  'TaskHandle',
  'MaxNumberOfMessagesPerSecond',
  'MaxResults',
  'NextToken',
  'Id',
  'QueueNamePrefix',
  '__proto__',
];

/** Requests from a careless or hostile client to the local AWS, as raw bytes. */
export function requestOf(random: Random, queueUrl: string): Buffer {
  const pick: Pick = (choices) => choices[Math.floor(random() * choices.length)] as (typeof choices)[number];
  const some = <T>(choices: readonly T[], most: number) =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(choices));

  function value(depth = 0): unknown {
    const leaves = [
      null,
      true,
      -1,
      0,
      1.5,
      1e300,
      '',
      'x',
      queueUrl,
      'http://%',
      'arn:aws:sqs:us-east-1:000000000000:fuzz',
      '\ud800',
      '\u0000',
      'b'.repeat(2000),
      '{"maxReceiveCount":"x"}',
    ];
    if (depth > 2 || random() < 0.6) return pick(leaves);
    if (random() < 0.4) return Array.from({ length: Math.floor(random() * 13) }, () => value(depth + 1));
    return Object.fromEntries(
      some([...FIELDS, 'DataType', 'StringValue', 'BinaryValue', 'RedrivePolicy'], 4).map((field) => [
        field,
        value(depth + 1),
      ]),
    );
  }

  function http(line: string, headers: string[], body: string): Buffer {
    const length = random() < 0.9 ? [`content-length: ${Buffer.byteLength(body)}`] : [];
    return Buffer.from(
      [line, 'host: localhost', 'connection: close', ...headers, ...length, '', body].join('\r\n'),
    );
  }

  function sqs(): Buffer {
    const action = pick(ACTIONS);
    // Unknown parameters are refused immediately, but most requests must get further.
    const known = Object.hasOwn(TAKES, action) && random() < 0.8 ? TAKES[action] : undefined;
    const input = {
      ...(random() < 0.8 && action !== 'ListQueues' ? { QueueUrl: queueUrl } : {}),
      ...Object.fromEntries(some(known ?? FIELDS, known?.length ?? 5).map((field) => [field, value()])),
      // Without a wait time, because long polls are slow by design.
      ...(action === 'ReceiveMessage' ? { WaitTimeSeconds: pick([0, 0, -1, 'x', 21]) } : {}),
    };
    const text = JSON.stringify(input);
    const body = random() < 0.85 ? text : text.slice(0, Math.floor(random() * text.length));
    return http(
      'POST / HTTP/1.1',
      ['content-type: application/x-amz-json-1.0', `x-amz-target: AmazonSQS.${action}`],
      body,
    );
  }

  function dynamo(): Buffer {
    return http(
      'POST / HTTP/1.1',
      [
        'content-type: application/x-amz-json-1.0',
        `x-amz-target: DynamoDB_20120810.${pick(['PutItem', 'GetItem', 'Nope'])}`,
      ],
      pick(['', '{}', '{', '[]', '{"TableName":1}']),
    );
  }

  function s3(): Buffer {
    const query = some(QUERIES, 3).join('&');
    const path = `${pick(['/', '/', '/', '', '*', 'http://'])}${pick(BUCKETS)}${pick(KEYS)}${query === '' ? '' : `?${query}`}`;
    const headers = [...(random() < 0.8 ? [SIGNED] : []), ...some(HEADERS, 4)];
    return http(`${pick(METHODS)} ${path} HTTP/1.1`, headers, pick(random() < 0.5 ? XMLS : BODIES));
  }

  const request = pick([s3, s3, s3, sqs, sqs, dynamo])();
  // Some are damaged or truncated.
  if (random() < 0.05) request[Math.floor(random() * request.byteLength)] = Math.floor(random() * 256);
  return random() < 0.05 ? request.subarray(0, Math.floor(random() * request.byteLength)) : request;
}
