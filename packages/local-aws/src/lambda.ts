/** Lambda's event source mapping of SQS: batches of a queue invoke a handler, each in a process of its own. */
export { failedMessages } from './lambda/batch-response.ts';
export { eventQueue } from './lambda/event-queue.ts';
export { startEventSource, type EventQueue } from './lambda/event-source.ts';
export { createLocalFunction, type LocalFunction } from './lambda/function.ts';
