import type { Template } from 'aws-cdk-lib/assertions';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';

export type Properties = Readonly<Record<string, unknown>>;

/** Returns the properties of all resources of a type, by logical id. */
export function resourcesOf(template: Template, type: string): [string, Properties][] {
  return Object.entries(template.findResources(type)).map(([id, found]) => {
    const { Properties: properties = {} } = found as { Properties?: Properties };
    return [id, properties];
  });
}

/** Returns the properties of the only resource whose logical id has this prefix. */
export function resource(template: Template, type: string, id: string): Properties {
  const found = resourcesOf(template, type).filter(([name]) => new RegExp(`^${id}[0-9A-F]{8}$`).test(name));
  if (found[0] === undefined || found.length > 1)
    throw new Error(`expected one ${type} named ${id}, got ${found.length}`);
  return found[0][1];
}

interface Statement {
  Sid?: string;
  Effect: string;
  Principal?: unknown;
  Action: string | string[];
  Resource?: unknown;
  NotResource?: unknown;
  Condition?: unknown;
}

/** Returns the statements of a policy in a resource's properties. */
export function statementsOf(properties: Properties): Statement[] {
  const { Statement: statements } = (properties['PolicyDocument'] ?? properties['KeyPolicy']) as {
    Statement: Statement[];
  };
  return statements;
}

const POLICIES = [
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::KMS::Key',
];

const list = (value: unknown): string =>
  (Array.isArray(value) ? (value as unknown[]) : [value])
    .map((each) => flattenCfnReference(each).replaceAll(/[0-9A-F]{8}(?=[.>]|$)/g, ''))
    .join(' ');

/** Returns every statement of every policy, one per line. */
export function statementLines(template: Template): string[] {
  return POLICIES.flatMap((type) => resourcesOf(template, type)).flatMap(([id, properties]) =>
    statementsOf(properties).map((statement) => {
      const { Effect, Principal, Action, Resource, NotResource, Condition } = statement;
      const who = Principal === undefined ? '' : ` ${JSON.stringify(Principal)}`;
      const where = NotResource === undefined ? list(Resource) : `all but ${list(NotResource)}`;
      const when = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
      const policy = id.replace(/[0-9A-F]{8}$/, '');
      return `${policy}: ${Effect}${who} ${list(Action)} on ${where}${when}`;
    }),
  );
}
