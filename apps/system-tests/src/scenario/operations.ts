import { inboundOperations } from './inbound-operations.js';
import { laneOperations } from './lane-operations.js';
import type { Operation } from './operation.js';
import { registryOperations } from './registry-operations.js';
import { streamOperations } from './stream-operations.js';

/** Every operation of the API, in an order in which later ones use what earlier ones made. */
export const operations: readonly Operation[] = [...registryOperations, ...streamOperations, ...laneOperations, ...inboundOperations];
