export { CODES, type Code } from './core/codes.ts';
