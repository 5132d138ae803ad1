import * as z from 'zod';
import { CONTENTS, FAULTS, type Scenario } from './scenario.ts';
import { SCHEDULES } from './schedule.ts';

const key = z.string().min(1);
const positive = z.int().min(1);

/** A scenario as JSON, as somebody kept or edited it. */
export const scenarioSchema: z.ZodType<Scenario> = z.strictObject({
  seed: z.int(),
  schedule: z.enum(SCHEDULES),
  haste: z.number().gt(0).max(1),
  versioned: z.boolean(),
  renditions: z.int().min(1).max(2),
  concurrency: positive,
  batchSize: positive.max(10),
  actions: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('upload'), key, content: z.enum(CONTENTS) }),
      z.strictObject({ kind: z.enum(['delete', 'delete results']), key }),
      z.strictObject({ kind: z.enum(['junk', 'redrive', 'backfill']) }),
    ]),
  ),
  rates: z.record(z.enum(FAULTS), z.number().min(0).max(1)),
  faultBudget: z.int().min(0),
});
