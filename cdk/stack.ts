import { Aspects, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { defined } from '../src/core/defined.ts';
import type { Recipe } from '../src/core/recipe.ts';
import { ClosedRoutes } from './closed-routes.ts';
import { completionsOf } from './completions.ts';
import { ConversionPipeline, type WorkerArchitecture } from './conversion-pipeline.ts';
import { Monitoring } from './monitoring.ts';
import type { DeploymentSettings } from './settings.ts';
import { UploadApi } from './upload-api.ts';

interface MillraceStackProps extends StackProps {
  settings: DeploymentSettings;
  /** The recipe in the file that the settings name. */
  recipe?: Recipe;
  architecture?: WorkerArchitecture;
}

/** The whole deployment. The command finds it by `--stack`. */
export class MillraceStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settings, recipe, architecture, ...props }: MillraceStackProps,
  ) {
    super(scope, id, {
      stackName: settings.stackName,
      description: 'Millrace: uploads in, converted objects out',
      ...props,
    });
    const { completions, config, image, workerStorage, recipe: _file, ...ownSettings } = settings;
    const pipeline = new ConversionPipeline(this, 'Pipeline', {
      ...ownSettings,
      outputPrefix: '',
      ...defined({ recipe, config, image, workerStorage, architecture }),
      ...(completions === undefined ? {} : { completions: completionsOf(this, completions) }),
    });
    const api = new UploadApi(this, 'Api', { ...settings, pipeline });
    const { alarmEmail, docs } = settings;
    new Monitoring(this, 'Monitoring', {
      pipeline,
      api,
      docs,
      ...defined({ alarmEmail }),
    });
    Aspects.of(this).add(new ClosedRoutes(settings.openRoutes));
  }
}
