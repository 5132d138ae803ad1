import { Option } from 'commander';

/**
 * Returns the options for `readConfiguration`.
 * @param input a file or an upload
 */
export function configurationOptions(input: 'file' | 'upload'): [Option, Option] {
  return [
    new Option(
      '--recipe <file>',
      `recipe for the results of each ${input} (default: WebP within 1600 x 1600)`,
    ),
    new Option(
      '--config <file>',
      'configuration file with your own conversions (millrace.config.ts, .js or .json)',
    ),
  ];
}
