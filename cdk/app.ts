import { readFileSync } from 'node:fs';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { defined } from '../src/core/defined.ts';
import { parseRecipe } from '../src/core/recipe.ts';
import { readSettings } from './settings.ts';
import { MillraceStack } from './stack.ts';

const app = new App();
const settings = readSettings(app.node.getAllContext());
const recipe = settings.recipe === undefined ? undefined : parseRecipe(readFileSync(settings.recipe, 'utf8'));
new MillraceStack(app, 'Millrace', { settings, ...defined({ recipe }) });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
