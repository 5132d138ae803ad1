import { createImageConversion } from './image/convert.ts';
import { configureSharp } from './image/sharp.ts';
import { createRegistry, type Registry } from './registry.ts';

/** Every conversion there is. A new one is a file beside `image` and a line here. */
export function createConversions(): Registry {
  configureSharp();
  return createRegistry([createImageConversion()]);
}
