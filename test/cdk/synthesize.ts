import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations, type AppProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import type * as z from 'zod';
import { settingsSchema } from '../../cdk/settings.ts';
import { MillraceStack } from '../../cdk/stack.ts';
import { defined } from '../../src/core/defined.ts';
import type { Recipe } from '../../src/core/recipe.ts';

export type Settings = z.input<typeof settingsSchema>;

/** Settings that cover every branch: both kinds of buckets, events, tokens, an open route, mail, browsers. */
export const EVERYTHING: Settings = {
  uploadBuckets: [{ create: 'photos' }, { adopt: 'scans' }, { adopt: 'faxes' }],
  authorization: { kind: 'jwt', issuer: 'https://issuer.example', audience: ['millrace'] },
  completions: 'eventBridge',
  openRoutes: ['GET /openapi.json'],
  browserOrigins: ['https://photos.example'],
  alarmEmail: 'operators@photos.example',
  docs: 'https://docs.example/millrace/',
};

/**
 * Runs a function with an app that bundles and copies nothing, validates nothing but what the constructs do, and
 * writes to the system's temporary folder. With it, a synthesis takes a tenth of a second, so each test has its own.
 */
export function withApp<T>(props: AppProps, run: (app: App) => T): T {
  const outdir = mkdtempSync(join(tmpdir(), 'millrace-cdk-'));
  try {
    return run(
      new App({
        outdir,
        builtinCloudFormationValidation: false,
        treeMetadata: false,
        stackTraces: false,
        ...props,
        context: {
          'aws:cdk:bundling-stacks': [],
          'aws:cdk:disable-asset-staging': true,
          ...props.context,
        },
      }),
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function createStack(app: App, settings: Settings = {}, recipe?: Recipe): MillraceStack {
  return new MillraceStack(app, 'Millrace', {
    settings: settingsSchema.parse(settings),
    ...defined({ recipe }),
  });
}

/**
 * Returns the template of a deployment with these settings.
 * @throws Error if its resources have circular dependencies
 */
export function synthesize(settings: Settings = {}, recipe?: Recipe): Template {
  return withApp({}, (app) => Template.fromStack(createStack(app, settings, recipe)));
}

interface Report {
  pluginReports: { pluginName: string; violations: { ruleName: string; description: string }[] }[];
}

/**
 * Returns the findings of cdk-nag, CDK's CloudFormation validation and the constructs, including warnings.
 * @param change adds something to the deployment that must be found
 * @returns one line per finding
 */
export function findings(
  settings: Settings,
  change: (stack: MillraceStack) => void = () => undefined,
): string[] {
  const context = { '@aws-cdk/core:validateAgainstDefaultRules': true };
  return withApp({ builtinCloudFormationValidation: true, context }, (app) => {
    const stack = createStack(app, settings);
    change(stack);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const report = join(app.outdir, 'validation-report.json');
    try {
      app.synth();
    } catch (error) {
      // If there are findings, synthesis fails after it has written its report.
      if (!existsSync(report)) throw error;
    }
    const { pluginReports } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const annotations = stack.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === 'aws:cdk:warning' || type === 'aws:cdk:error');
    return [
      ...pluginReports.flatMap(({ pluginName, violations }) =>
        violations.map(({ ruleName, description }) => `${pluginName}: ${ruleName}: ${description}`),
      ),
      ...annotations.map(({ data }) => `construct: ${String(data)}`),
    ];
  });
}
