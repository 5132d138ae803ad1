/** The result of an exploration. */
export interface Exploration {
  states: number;
  /** The first violation, and the shortest sequence of steps to it. */
  violation?: { what: string; path: string[] };
}

export interface Model<State> {
  initial: State;
  /** Encodes a state in a few characters. Equal states have equal encodings. */
  encode(state: State): string;
  /** Returns all possible next steps. */
  next(state: State): Iterable<{ label: string; state: State }>;
  /** Returns a step's violation, if any. `after` is undefined if no further step is possible. */
  violation(before: State, after: State | undefined): string | undefined;
}

/** Visits every reachable state, breadth first. */
export function explore<State>({ initial, encode, next, violation }: Model<State>): Exploration {
  const from = new Map<string, { parent: string; label: string } | undefined>([[encode(initial), undefined]]);
  let frontier = [initial];
  const pathTo = (code: string): string[] => {
    const path: string[] = [];
    for (let step = from.get(code); step !== undefined; step = from.get(step.parent))
      path.unshift(step.label);
    return path;
  };
  while (frontier.length > 0) {
    const later: State[] = [];
    for (const state of frontier) {
      const code = encode(state);
      let steps = 0;
      for (const { label, state: after } of next(state)) {
        steps += 1;
        const what = violation(state, after);
        if (what !== undefined)
          return { states: from.size, violation: { what, path: [...pathTo(code), label] } };
        const reached = encode(after);
        if (from.has(reached)) continue;
        from.set(reached, { parent: code, label });
        later.push(after);
      }
      const what = steps === 0 ? violation(state, undefined) : undefined;
      if (what !== undefined) return { states: from.size, violation: { what, path: pathTo(code) } };
    }
    frontier = later;
  }
  return { states: from.size };
}
