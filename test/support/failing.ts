/** The part of an SDK client that is needed to make its requests fail. */
interface Client {
  middlewareStack: {
    add(
      middleware: (
        next: (args: object) => Promise<object>,
        context: { commandName?: string },
      ) => (args: object) => Promise<object>,
      options: { step: 'initialize'; name: string },
    ): void;
  };
}

export interface Fault {
  /** Number of successful calls before the failures. */
  after?: number;
  /** Number of calls that then fail; all by default. */
  times?: number;
  /** Whether the request takes effect and only its response is lost. */
  answerLost?: boolean;
}

/** Makes calls of a command fail according to a script. Returns how often they failed. */
export function failing(
  client: unknown,
  command: string,
  error: Error,
  { after = 0, times = Number.POSITIVE_INFINITY, answerLost = false }: Fault = {},
) {
  let calls = 0;
  const failures = { count: 0 };
  (client as Client).middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== command) return next(args);
      calls += 1;
      if (calls <= after || calls > after + times) return next(args);
      failures.count += 1;
      if (answerLost) await next(args);
      throw error;
    },
    { step: 'initialize', name: `failing-${command}-${Math.random()}` },
  );
  return failures;
}

/** Records the inputs of a command's calls. */
export function recording(client: unknown, command: string): object[] {
  const asked: object[] = [];
  (client as Client).middlewareStack.add(
    (next, context) => (args) => {
      if (context.commandName === command) asked.push((args as { input: object }).input);
      return next(args);
    },
    { step: 'initialize', name: `recording-${command}-${Math.random()}` },
  );
  return asked;
}

/** Makes a batch command skip its first entries and report them as failed. */
export function refusing(
  client: unknown,
  command: string,
  entries: number,
  { times = Number.POSITIVE_INFINITY } = {},
): void {
  let calls = 0;
  (client as Client).middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== command || (calls += 1) > times) return next(args);
      const { input } = args as { input: { Entries: { Id: string }[] } };
      const [refused, taken] = [input.Entries.slice(0, entries), input.Entries.slice(entries)];
      const Failed = refused.map(({ Id }) => ({
        Id,
        SenderFault: false,
        Code: 'InternalError',
        Message: 'try again',
      }));
      if (taken.length === 0) return { output: { Successful: [], Failed } };
      const result = await next({ ...args, input: { ...input, Entries: taken } });
      const { output } = result as { output: { Failed?: object[] } };
      return { ...result, output: { ...output, Failed: [...(output.Failed ?? []), ...Failed] } };
    },
    { step: 'initialize', name: `refusing-${command}-${Math.random()}` },
  );
}

/** Runs a function before a command's first matching call, like a faster concurrent client. */
export function before(
  client: unknown,
  command: string,
  asked: object,
  run: () => Promise<unknown>,
): { readonly ran: boolean } {
  const hook = { ran: false };
  (client as Client).middlewareStack.add(
    (next, context) => async (args) => {
      const { input } = args as { input: Record<string, unknown> };
      const isAsked = Object.entries(asked).every(([name, value]) => input[name] === value);
      if (context.commandName === command && isAsked && !hook.ran) {
        hook.ran = true;
        await run();
      }
      return next(args);
    },
    { step: 'initialize', name: `before-${command}-${Math.random()}` },
  );
  return hook;
}
