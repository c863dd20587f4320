import { z } from 'zod';

/** Everything the delivery service reads from the environment. */
export const deliveryConfig = z.object({
  DELIVERY_IN_FLIGHT: z.coerce.number().int().min(8).max(65_536).default(2_048).describe('Requests to receivers under way at once, over all hooks.'),
  DELIVERY_IN_FLIGHT_UNPROVEN: z.coerce.number().int().min(4).max(65_536).default(512).describe('Of these at most so many for hooks that were never tried, and as many for hooks that fail or are slow.'),
  DELIVERY_MAX_PARKED_PER_HOOK: z.coerce.number().int().min(1).default(1_000_000).describe('Deliveries that may wait for one hook, unless its tenant says otherwise; beyond it they are discarded with the reason backlog-full.'),
  DELIVERY_MAX_PARKED_PER_TENANT: z.coerce.number().int().min(1).default(5_000_000).describe('Deliveries that may wait for all hooks of a tenant together, counted once a second over the partitions that this process owns; beyond it what comes for hooks with a backlog is discarded with the reason backlog-full. Default 5,000,000.'),
  DELIVERY_MEMORY_BYTES: z.coerce.number().int().min(1_048_576).default(128 * 1024 * 1024).describe('Bytes of events held in memory for lanes before the log is read more slowly.'),
  DELIVERY_SHUTDOWN_MS: z.coerce.number().int().min(0).max(600_000).default(16_000).describe('Milliseconds that requests under way get to finish at shutdown, while their hooks wait and all others go on elsewhere; what takes longer is broken off and sent again. Default 16000: more than the 15 s that a hook gets unless it asks for more.'),
});

export type DeliveryConfig = z.infer<typeof deliveryConfig>;
