import type { ConfigInput, PipelineConfig } from '../core/config.ts';
import type { Conversion } from '../core/conversion.ts';
import { IMAGE } from '../core/rules.ts';

export interface ConfigModule {
  default: ConfigInput | PipelineConfig;
}

/** Returns the conversions in a configuration file, which synthesis has checked. */
export function conversionsIn({ default: { conversions = [] } }: ConfigModule): readonly Conversion[] {
  const all = conversions.map((each) => ('conversion' in each ? each.conversion : each));
  return [...new Set(all)].filter((each) => each !== IMAGE);
}
