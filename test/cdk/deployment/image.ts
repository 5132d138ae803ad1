import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, type App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ConversionPipeline, type ConversionPipelineProps } from '../../../cdk/index.ts';
import { resource, resourcesOf } from '../resources.ts';
import { synthesize, withApp } from '../synthesize.ts';

const IMAGE = './test/cdk/image';
const CONFIG = './test/cdk/configuration/millrace.config.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-dockerfile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function stackWith(app: App, props: Partial<ConversionPipelineProps>): Stack {
  const stack = new Stack(app, 'Theirs');
  new ConversionPipeline(stack, 'Pipeline', {
    uploadBuckets: [{ create: 'videos' }],
    config: CONFIG,
    ...props,
  });
  return stack;
}

const templateOf = (props: Partial<ConversionPipelineProps>) =>
  withApp({}, (app) => Template.fromStack(stackWith(app, props)));

const workerOf = (template: Template) =>
  resource(template, 'AWS::Lambda::Function', 'PipelineWorker') as Record<string, unknown>;

describe('a worker in a container image', () => {
  it('differs from the zip file only in its package', () => {
    const image = templateOf({ image: IMAGE });
    const zip = templateOf({});
    const { Code, PackageType, ImageConfig, ...inImage } = workerOf(image);
    const { Code: _, Runtime, Handler, ...inZip } = workerOf(zip);
    expect([PackageType, ImageConfig]).toEqual(['Image', { Command: ['index.handler'] }]);
    expect([Runtime, Handler]).toEqual(['nodejs24.x', 'index.handler']);
    expect(Code).toEqual({ ImageUri: expect.anything() as unknown });
    expect(inImage).toEqual(inZip);
    expect(inImage).not.toHaveProperty('Layers');
    expect(inImage['Architectures']).toEqual(['arm64']);
    for (const type of ['AWS::Lambda::EventSourceMapping', 'AWS::SQS::Queue', 'AWS::IAM::Policy'])
      expect(resourcesOf(image, type)).toEqual(resourcesOf(zip, type));
  });

  it.each([
    ['arm64', 'arm64', 'linux/arm64'],
    ['x64', 'x86_64', 'linux/amd64'],
  ] as const)('is built for the architecture of its function: %s', (architecture, onLambda, platform) => {
    const [template, manifest] = withApp({}, (app) => {
      const stack = stackWith(app, { image: IMAGE, architecture });
      const { directory } = app.synth();
      return [
        Template.fromStack(stack),
        readFileSync(join(directory, `${stack.artifactId}.assets.json`), 'utf8'),
      ];
    });
    expect(workerOf(template)['Architectures']).toEqual([onLambda]);
    const { dockerImages } = JSON.parse(manifest) as {
      dockerImages: Record<string, { source: { platform: string } }>;
    };
    expect(Object.values(dockerImages).map(({ source }) => source.platform)).toEqual([platform]);
  });

  it('can be set in our own app', () => {
    const worker = resource(synthesize({ image: IMAGE }), 'AWS::Lambda::Function', 'PipelineWorker');
    expect(worker).toMatchObject({ PackageType: 'Image' });
  });

  it('is built from a copy of the folder, which does not stay behind', () => {
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    try {
      // Reading the configuration may leave something.
      templateOf({});
      const before = readdirSync(temporary);
      templateOf({ image: IMAGE });
      expect(readdirSync(temporary)).toEqual(before);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('requires a Dockerfile that names the folder for its code', () => {
    expect(() => templateOf({ image: folder })).toThrow(`image: there is no Dockerfile in ${folder}`);
    writeFileSync(join(folder, 'Dockerfile'), 'FROM public.ecr.aws/lambda/nodejs:24\n');
    mkdirSync(join(folder, 'worker'));
    expect(() => templateOf({ image: folder })).toThrow(`image: rename ${join(folder, 'worker')}: `);
  });
});
