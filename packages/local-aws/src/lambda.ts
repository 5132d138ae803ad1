/** Lambda's event source mapping for SQS: invokes a handler, in a separate process, with batches from a queue. */
export { failedMessages } from './lambda/batch-response.ts';
export { eventQueue } from './lambda/event-queue.ts';
export { startEventSource, type EventQueue } from './lambda/event-source.ts';
export { createFunctionPool, createLocalFunction, type LocalFunction } from './lambda/function.ts';
export type { FunctionProcess, Invoked } from './lambda/function-process.ts';
export { sendEvent } from './lambda/send-event.ts';
