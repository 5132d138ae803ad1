import { text } from 'node:stream/consumers';
import { OUTPUTS, type Deployment } from '../../src/core/deployment.ts';
import { startTestServer, type TestServer } from './http-server.ts';

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

/** Responds to DescribeStacks as AWS does, in the Query protocol, with only the stacks' outputs. */
export async function startCloudFormation(
  stacks: ReadonlyMap<string, Readonly<Record<string, string>>>,
  { refuse = false } = {},
): Promise<TestServer> {
  return startTestServer((request, response) => {
    void (async () => {
      const query = new URLSearchParams(await text(request));
      const name = query.get('StackName') ?? '';
      const outputs = stacks.get(name);
      const answer = (status: number, xml: string) => {
        response.writeHead(status, { 'content-type': 'text/xml' });
        response.end(xml);
      };
      if (refuse)
        return answer(
          403,
          error('InvalidClientTokenId', 'The security token included in the request is invalid.'),
        );
      if (query.get('Action') !== 'DescribeStacks')
        return answer(400, error('InvalidAction', `Could not find operation ${query.get('Action')}`));
      if (outputs === undefined)
        return answer(400, error('ValidationError', `Stack with id ${name} does not exist`));
      return answer(200, described(name, outputs));
    })();
  });
}

/** Returns the outputs of a stack with this deployment. */
export function outputsOf(deployment: Deployment): Record<string, string> {
  const texts: Record<string, unknown> = {
    ...deployment,
    uploadBuckets: deployment.uploadBuckets.join(','),
    renditions: deployment.renditions.join(','),
  };
  return Object.fromEntries(
    Object.entries(OUTPUTS).flatMap(([field, name]) => {
      const value = texts[field];
      if (value === undefined) return [];
      return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
    }),
  );
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html: its sample response */
function described(name: string, outputs: Readonly<Record<string, string>>): string {
  const members = Object.entries(outputs)
    .map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    )
    .join('');
  return (
    `<DescribeStacksResponse xmlns="${NAMESPACE}"><DescribeStacksResult><Stacks><member>` +
    `<StackName>${name}</StackName>` +
    `<StackId>arn:aws:cloudformation:us-east-1:123456789012:stack/${name}/c9a1e3b0</StackId>` +
    '<CreationTime>2026-01-31T08:00:00.000Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>' +
    `<DisableRollback>false</DisableRollback><Outputs>${members}</Outputs>` +
    '</member></Stacks></DescribeStacksResult>' +
    '<ResponseMetadata><RequestId>b9b4b068</RequestId></ResponseMetadata></DescribeStacksResponse>'
  );
}

function error(code: string, message: string): string {
  return (
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code>` +
    `<Message>${message}</Message></Error><RequestId>b9b4b068</RequestId></ErrorResponse>`
  );
}
