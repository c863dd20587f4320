export type { Decider, DomainEvent } from './decider.js';
export { fold } from './decider.js';
export type { Append, EventMeta, EventStore, Projection, RecordedEvent } from './event-store.js';
export type { Handled, HandleOptions } from './command-handler.js';
export { CommandHandler } from './command-handler.js';
export { StreamLines } from './stream-lines.js';
