import { must } from '../platform/client.js';
import type { Platform } from '../platform/platform.js';
import type { LoggedDelivery } from './judge.js';

interface Page {
  readonly items: readonly LoggedDelivery[];
  readonly next: string | null;
}

const PAGE = 1000;

/** All first deliveries of a hook, as log-query tells of them. */
export async function deliveriesOf(platform: Platform, tenant: string, hookId: string): Promise<LoggedDelivery[]> {
  const found: LoggedDelivery[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { items, next }: Page = await must<Page>(platform, 'GET', `/v1/tenants/${tenant}/deliveries?hook=${hookId}&limit=${PAGE}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...items.map(({ eventId, fate, attempts }) => ({ eventId, fate, attempts })));
    cursor = next;
  }
  return found;
}

/** Whether log-query knows of deliveries of this type that have no fate yet. */
export async function anyPending(platform: Platform, tenant: string, type: string): Promise<boolean> {
  const { items, next } = await must<Page>(platform, 'GET', `/v1/tenants/${tenant}/deliveries?type=${type}&fate=pending&limit=1`);
  return items.length > 0 || next !== null;
}
