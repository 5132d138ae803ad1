/** The metrics' values at one time; missing if a metric has no data point. */
export type Point = Readonly<Record<string, number | undefined>>;

type Value = number | undefined | Value[];
/** Matches words, numbers and operators. */
const TOKEN = /\s*([A-Za-z_]\w*|\d+(?:\.\d+)?|[<>=!]=|[-+*/<>()[\],])/y;

const OPERATORS: Record<string, (a: number, b: number) => number> = {
  OR: (a, b) => Number(a !== 0 || b !== 0),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  '>': (a, b) => Number(a > b),
  '<': (a, b) => Number(a < b),
  '>=': (a, b) => Number(a >= b),
  '<=': (a, b) => Number(a <= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};
/** Loosest first. */
const LEVELS = [['OR'], ['AND'], ['>', '<', '>=', '<=', '==', '!='], ['+', '-'], ['*', '/']];

/**
 * Evaluates an expression in CloudWatch's metric math at one time. An operation with a missing value has no value; SUM
 * over a list ignores missing values. Supports only what the deployment uses.
 * @throws Error for anything unsupported
 */
export function evaluate(expression: string, point: Point, periodSeconds: number): number | undefined {
  const tokens = [...tokensOf(expression)];
  let at = 0;
  const take = (expected?: string): string => {
    const token = tokens[at++] ?? 'the end';
    if (expected !== undefined && token !== expected) throw new Error(`expected ${expected}, got ${token}`);
    return token;
  };

  function level(index: number): Value {
    const operators = LEVELS[index];
    if (operators === undefined) return atom();
    let left = level(index + 1);
    while (operators.includes(tokens[at] ?? '')) {
      const operate = OPERATORS[take()];
      const right = level(index + 1);
      left =
        typeof left === 'number' && typeof right === 'number' && operate ? operate(left, right) : undefined;
    }
    return left;
  }

  function listUntil(end: string): Value[] {
    const values = [level(0)];
    while (tokens[at] === ',') {
      take(',');
      values.push(level(0));
    }
    take(end);
    return values;
  }

  function atom(): Value {
    const token = take();
    if (/^\d/.test(token)) return Number(token);
    if (token === '[') return listUntil(']');
    if (token === '(') {
      const [value] = listUntil(')');
      return value;
    }
    if (tokens[at] === '(') {
      take('(');
      return call(token, listUntil(')'));
    }
    if (!(token in point)) throw new Error(`there is no metric ${token}`);
    return point[token];
  }

  function call(name: string, values: Value[]): Value {
    const [first, second, third] = values;
    if (name === 'PERIOD') return periodSeconds;
    if (name === 'IF') return first === undefined ? undefined : first === 0 ? third : second;
    if (name === 'SUM' && Array.isArray(first)) {
      const present = first.filter((value) => typeof value === 'number');
      return present.length === 0 ? undefined : present.reduce((sum, value) => sum + value, 0);
    }
    throw new Error(`does not know ${name}`);
  }

  const value = level(0);
  if (at < tokens.length || Array.isArray(value)) throw new Error(`not a single value: ${expression}`);
  return value;
}

function* tokensOf(expression: string): Generator<string> {
  const token = new RegExp(TOKEN);
  while (token.lastIndex < expression.trimEnd().length) {
    const from = token.lastIndex;
    const found = token.exec(expression)?.[1];
    if (found === undefined) throw new Error(`does not know ${expression.slice(from)}`);
    yield found;
  }
}
