import { InvalidArgumentError } from 'commander';

/** Returns a parser for options that take a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}, got "${text}".`);
    }
    return value;
  };
}

/** Returns a parser for options that take a number, with or without decimals. */
export function decimalNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Expected a number from ${min} to ${max}, got "${text}".`);
    }
    return value;
  };
}
