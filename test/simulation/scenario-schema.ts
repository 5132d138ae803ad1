import * as z from 'zod';
import { operationSchema } from './operations/operation.ts';
import { OWN_CONVERSIONS, PATTERNS, RECIPES, type Pattern, type SimulatedRule } from './configurations.ts';
import { CONTENTS, FAULTS, NAMINGS, type Scenario } from './scenario.ts';
import { SCHEDULES } from './schedule.ts';
import { viewSchema } from './views/view.ts';

const key = z.string().min(1);
const positive = z.int().min(1);
const renditions = z.array(z.string()).min(1);

const configuration = z.strictObject({
  name: z.enum(RECIPES),
  images: renditions,
  quality: positive.max(100),
  rules: z.array(
    z.strictObject({
      conversion: z.enum(Object.keys(OWN_CONVERSIONS) as SimulatedRule['conversion'][]),
      keys: z.enum(Object.keys(PATTERNS) as Pattern[]).exactOptional(),
      renditions,
      variant: positive,
    }),
  ),
  version: positive,
});

/** A scenario as JSON, as stored or edited. */
export const scenarioSchema: z.ZodType<Scenario> = z.strictObject({
  seed: z.int(),
  schedule: z.enum(SCHEDULES),
  haste: z.number().gt(0).max(1),
  versioned: z.boolean(),
  stamped: z.boolean(),
  deleting: z.boolean(),
  withoutTable: z.literal(true).exactOptional(),
  localEventSources: z.literal(true).exactOptional(),
  bodiesStall: z.literal(true).exactOptional(),
  naming: z.enum(NAMINGS),
  conversionSeconds: z.number().min(0).max(29),
  renditions: z.int().min(1).max(2),
  configurations: z.array(configuration).exactOptional(),
  named: z.array(z.enum(RECIPES)).exactOptional(),
  concurrency: positive,
  batchSize: positive.max(10),
  actions: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('upload'), key, content: z.enum(CONTENTS) }),
      z.strictObject({ kind: z.enum(['delete', 'delete results', 'undelete']), key }),
      z.strictObject({ kind: z.literal('delete version'), key, which: z.enum(['newest', 'oldest']) }),
      z.strictObject({ kind: z.literal('versioning'), state: z.enum(['enabled', 'suspended']) }),
      z.strictObject({ kind: z.literal('expire'), key, what: z.enum(['current', 'old versions']) }),
      z.strictObject({ kind: z.literal('deploy'), recipe: z.enum(RECIPES), overlap: z.int().min(0) }),
      z.strictObject({ kind: z.literal('operation'), operation: operationSchema }),
      z.strictObject({ kind: z.literal('view'), view: viewSchema }),
      z.strictObject({ kind: z.enum(['junk', 'redrive', 'backfill', 'remove orphans']) }),
    ]),
  ),
  rates: z.record(z.enum(FAULTS), z.number().min(0).max(1)),
  faultBudget: z.int().min(0),
});
