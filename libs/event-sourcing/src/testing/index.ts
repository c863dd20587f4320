export type { GivenEvents, Outcome } from './given-when-then.js';
export { given } from './given-when-then.js';
export type { EventStoreUnderTest } from './event-store.contract.js';
export { eventStoreContract } from './event-store.contract.js';
