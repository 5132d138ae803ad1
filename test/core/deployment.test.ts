import { describe, expect, it } from 'vitest';
import {
  deploymentFromOutputs,
  deploymentSchema,
  localDeploymentSchema,
  OUTPUTS,
} from '../../src/core/deployment.ts';

const REQUIRED = {
  UploadBuckets: 'uploads,scans',
  ResultBucket: 'results',
  FailureBucket: 'failures',
  ConversionQueueUrl: 'https://sqs/conversion',
  RetryQueueUrl: 'https://sqs/retry',
  DeadLetterQueueUrl: 'https://sqs/dead',
  Renditions: 'web,thumb',
  RecipeId: 'r1',
  Generation: '1700000000000',
  Ignore: '[".DS_Store","a,b*"]',
};
const DEPLOYMENT = {
  uploadBuckets: ['uploads', 'scans'],
  resultBucket: 'results',
  failureBucket: 'failures',
  conversionQueueUrl: 'https://sqs/conversion',
  retryQueueUrl: 'https://sqs/retry',
  deadLetterQueueUrl: 'https://sqs/dead',
  renditions: ['web', 'thumb'],
  recipeId: 'r1',
  generation: 1_700_000_000_000,
  ignore: ['.DS_Store', 'a,b*'],
  whenDeleted: 'keep',
  rules: [],
};
const read = (outputs: Record<string, string>) => deploymentFromOutputs(new Map(Object.entries(outputs)));

describe('a stack’s outputs', () => {
  it('describe the deployment, with lists split at commas', () => {
    expect(read(REQUIRED)).toEqual(DEPLOYMENT);
    expect(read({ ...REQUIRED, UploadBuckets: 'uploads,' }).uploadBuckets).toEqual(['uploads']);
  });

  it('include the renditions of custom conversions', () => {
    const rules = [{ keys: ['*.csv'], renditions: ['parquet'] }, { renditions: ['page', 'text'] }];
    expect(read({ ...REQUIRED, Rules: JSON.stringify(rules) })).toEqual({ ...DEPLOYMENT, rules });
    expect(() => read({ ...REQUIRED, Rules: '{' })).toThrow(/ Rules$/);
  });

  it('include the extensions of results', () => {
    const extensions = { web: 'webp', thumb: 'jpg' };
    expect(read({ ...REQUIRED, Extensions: JSON.stringify(extensions) })).toEqual({
      ...DEPLOYMENT,
      extensions,
    });
    expect(() => read({ ...REQUIRED, Extensions: '{"web":".webp"}' })).toThrow(/ Extensions$/);
    expect(() => read({ ...REQUIRED, Extensions: '{' })).toThrow(/ Extensions$/);
  });

  it('state whether results are deleted with their uploads', () => {
    expect(read({ ...REQUIRED, WhenDeleted: 'delete' })).toEqual({ ...DEPLOYMENT, whenDeleted: 'delete' });
    expect(() => read({ ...REQUIRED, WhenDeleted: 'perhaps' })).toThrow(/ WhenDeleted$/);
  });

  it('may have an API and an alarm', () => {
    expect(read({ ...REQUIRED, ApiUrl: 'https://api', DeadLetterAlarm: 'alarm' })).toEqual({
      ...DEPLOYMENT,
      apiUrl: 'https://api',
      deadLetterAlarm: 'alarm',
    });
  });

  it.each(Object.keys(REQUIRED))(
    'without %s, or with an empty one, do not belong to this project',
    (name) => {
      const { [name]: _, ...others } = REQUIRED as Record<string, string>;
      expect(() => read(others)).toThrow(new RegExp(` ${name}$`));
      expect(() => read({ ...others, [name]: '' })).toThrow(new RegExp(` ${name}$`));
    },
  );

  it('of an older version ask to deploy this one, and name what that adds', () => {
    const { Generation: _, Ignore: _ignore, ...older } = REQUIRED;
    expect(() => read(older)).toThrow(
      'deploy this version first: an older version deployed the stack, without the output Generation, Ignore',
    );
  });

  it.each(['UploadBuckets', 'DeadLetterQueueUrl'])('without %s belong to another project', (name) => {
    const { [name]: _, ...others } = REQUIRED as Record<string, string>;
    expect(() => read(others)).toThrow(`not a stack of this project: it has no output ${name}`);
  });

  it.each(['0', '-1', '1.5', 'latest'])('with the generation %s are refused', (Generation) => {
    expect(() => read({ ...REQUIRED, Generation })).toThrow(/ Generation$/);
  });

  it('of another stack are refused with all missing outputs', () => {
    expect(() => read({ Bucket: 'b' })).toThrow(Object.keys(REQUIRED).join(', '));
  });

  it('have the names that existing commands and scripts use', () => {
    expect(OUTPUTS).toMatchObject({ uploadBuckets: 'UploadBuckets', apiUrl: 'ApiUrl' });
  });
});

describe('the outputs of a stack with named pipelines', () => {
  const named = (id: string) =>
    Object.fromEntries(
      Object.entries({ ...REQUIRED, ResultBucket: `${id.toLowerCase()}-results` }).map(([name, value]) => [
        `${id}${name}`,
        value,
      ]),
    );
  const readNamed = (outputs: Record<string, string>, pipeline?: string) =>
    deploymentFromOutputs(new Map(Object.entries(outputs)), pipeline);
  const both = { ...named('Photos'), ...named('Scans'), SiteUrl: 'https://site' };

  it.each(['Photos', 'Scans'])('describe the deployment of %s', (id) => {
    expect(readNamed(both, id)).toEqual({ ...DEPLOYMENT, resultBucket: `${id.toLowerCase()}-results` });
  });

  it('need no name if there is one pipeline', () => {
    const alone = { ...named('Photos'), SiteUrl: 'https://site' };
    expect(readNamed(alone)).toEqual({ ...DEPLOYMENT, resultBucket: 'photos-results' });
    expect(readNamed(alone, 'Photos')).toEqual(readNamed(alone));
  });

  it('list the pipelines to choose from', () => {
    expect(() => readNamed(both)).toThrow('it has 2 pipelines: add /Photos or /Scans to its name');
    expect(() => readNamed(both, 'Faxes')).toThrow(
      'it has no pipeline Faxes: add /Photos or /Scans to its name',
    );
    expect(() => readNamed(named('Photos'), 'Faxes')).toThrow(
      'it has no pipeline Faxes: add /Photos to its name',
    );
    expect(() => readNamed({ SiteUrl: 'https://site' }, 'Faxes')).toThrow(/^it has no pipeline Faxes$/);
  });

  it('are distinguished from those of another construct whose queue has a similar name', () => {
    const others = {
      OtherConversionQueueUrl: 'https://sqs/other',
      OtherResultBucket: 'other',
      ConversionQueueUrlOfOthers: 'https://sqs/others',
    };
    expect(readNamed({ ...others, ...named('Photos') })).toMatchObject({ resultBucket: 'photos-results' });
    expect(() => readNamed({ ...others, ...named('Photos') }, 'Other')).toThrow('add /Photos to its name');
  });
});

describe('the deployment of a local pipeline', () => {
  it('includes its AWS endpoint', () => {
    const local = { ...DEPLOYMENT, awsUrl: 'http://127.0.0.1:4801' };
    expect(localDeploymentSchema.parse(local)).toEqual(local);
    expect(localDeploymentSchema.safeParse(DEPLOYMENT).success).toBe(false);
  });

  const { rules: _, whenDeleted: _keep, ...REQUIRED_FIELDS } = DEPLOYMENT;
  it.each(Object.keys(REQUIRED_FIELDS))('requires %s', (name) => {
    const { [name]: value, ...others } = DEPLOYMENT as Record<string, unknown>;
    expect(deploymentSchema.safeParse(others).success).toBe(false);
    // A recipe may ignore nothing.
    const isThere = name === 'ignore';
    expect(deploymentSchema.safeParse({ ...others, [name]: Array.isArray(value) ? [] : '' }).success).toBe(
      isThere,
    );
  });
});
