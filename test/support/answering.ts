/** The part of an SDK client that is needed to answer its requests. */
interface Client {
  middlewareStack: {
    add(
      middleware: (
        next: unknown,
        context: { commandName?: string },
      ) => (args: { input: never }) => Promise<object>,
      options: { step: 'initialize'; name: string },
    ): void;
  };
}

/** Answers every request of a real client in-process, by command name, without using the network. */
export function answering(client: unknown, requests: Record<string, (input: never) => unknown>): void {
  (client as Client).middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        const answer = requests[commandName];
        if (answer === undefined) throw new Error(`nothing answers ${commandName}`);
        return { output: { $metadata: {}, ...((await answer(input)) as object | undefined) } };
      },
    { step: 'initialize', name: 'answering' },
  );
}
