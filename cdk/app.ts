import { readFileSync } from 'node:fs';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DEFAULT_RECIPE, parseRecipe } from '../src/core/recipe.ts';
import { readSettings } from './settings.ts';
import { MillraceStack } from './stack.ts';

const app = new App();
const settings = readSettings(app.node.getAllContext());
const recipe =
  settings.recipe === undefined ? DEFAULT_RECIPE : parseRecipe(readFileSync(settings.recipe, 'utf8'));
new MillraceStack(app, 'Millrace', { settings, recipe });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
