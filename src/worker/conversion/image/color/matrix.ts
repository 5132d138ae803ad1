/** 3 × 3 matrices, row by row, and vectors of three. */

export type Vector = readonly [number, number, number];
export type Matrix = readonly [Vector, Vector, Vector];

export function transposed([a, b, c]: Matrix): Matrix {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function apply([a, b, c]: Matrix, vector: Vector): Vector {
  return [dot(a, vector), dot(b, vector), dot(c, vector)];
}

export function multiply(left: Matrix, right: Matrix): Matrix {
  const [a, b, c] = transposed(right);
  return transposed([apply(left, a), apply(left, b), apply(left, c)]);
}

export function diagonal([a, b, c]: Vector): Matrix {
  return [
    [a, 0, 0],
    [0, b, 0],
    [0, 0, c],
  ];
}

/** Returns the inverse. Its elements are not finite if the matrix has none. */
export function inverse([a, b, c]: Matrix): Matrix {
  const determinant = dot(a, cross(b, c));
  const column = (vector: Vector): Vector => [
    vector[0] / determinant,
    vector[1] / determinant,
    vector[2] / determinant,
  ];
  return transposed([column(cross(b, c)), column(cross(c, a)), column(cross(a, b))]);
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
