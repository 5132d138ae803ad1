import { readFileSync } from 'node:fs';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { defined } from '../src/core/defined.ts';
import { parseRecipe, type Recipe } from '../src/core/recipe.ts';
import { watermarkImages } from '../src/core/watermark.ts';
import { readConfiguration } from './configuration.ts';
import { readSettings } from './settings.ts';
import { MillraceStack } from './stack.ts';

const app = new App();
const settings = readSettings(app.node.getAllContext());
const recipe = settings.recipe === undefined ? undefined : readRecipe(settings.recipe);
new MillraceStack(app, 'Millrace', { settings, ...defined({ recipe }) });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

function readRecipe(file: string): Recipe {
  const parsed = parseRecipe(readFileSync(file, 'utf8'));
  // A recipe is also a configuration, whose process can read the images.
  return watermarkImages(parsed).length === 0 ? parsed : readConfiguration({ config: file }).recipe;
}
