import { Aspects, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OUTPUTS } from '../src/core/deployment.ts';
import { recipeId, type Recipe } from '../src/core/recipe.ts';
import { ClosedRoutes } from './closed-routes.ts';
import { ConversionPipeline, type WorkerArchitecture } from './conversion-pipeline.ts';
import { alarmName, Monitoring } from './monitoring.ts';
import type { DeploymentSettings } from './settings.ts';
import { UploadApi } from './upload-api.ts';

interface MillraceStackProps extends StackProps {
  settings: DeploymentSettings;
  recipe: Recipe;
  architecture?: WorkerArchitecture;
}

/** The whole deployment. Its outputs are what the command reads by `--stack`. */
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
    const deadLetterAlarm = alarmName(this, 'dead-letters');
    const pipeline = new ConversionPipeline(this, 'Pipeline', {
      ...settings,
      recipe,
      ...(architecture === undefined ? {} : { architecture }),
    });
    const api = new UploadApi(this, 'Api', { ...settings, pipeline, deadLetterAlarm });
    const { alarmEmail, docs } = settings;
    new Monitoring(this, 'Monitoring', {
      pipeline,
      api,
      docs,
      ...(alarmEmail === undefined ? {} : { alarmEmail }),
    });
    Aspects.of(this).add(new ClosedRoutes(settings.openRoutes));

    const outputs: Record<keyof typeof OUTPUTS, string> = {
      uploadBuckets: pipeline.uploadBuckets.map(({ bucketName }) => bucketName).join(','),
      resultBucket: pipeline.resultBucket.bucketName,
      failureBucket: pipeline.failureBucket.bucketName,
      conversionQueueUrl: pipeline.conversionQueue.queueUrl,
      retryQueueUrl: pipeline.retryQueue.queueUrl,
      deadLetterQueueUrl: pipeline.deadLetterQueue.queueUrl,
      renditions: recipe.renditions.map(({ name }) => name).join(','),
      recipeId: recipeId(recipe),
      generation: pipeline.generation,
      apiUrl: api.url,
      deadLetterAlarm,
    };
    for (const [field, value] of Object.entries(outputs)) {
      new CfnOutput(this, OUTPUTS[field as keyof typeof OUTPUTS], { value });
    }
  }
}
