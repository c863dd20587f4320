import { limits } from '@hooklane/contracts';
import type { HookVersion } from '@hooklane/contracts/topics';
import type { HookMatcher } from '@hooklane/routing';

/** What one record of deliveries.requested names. */
export interface PlannedRequest {
  readonly partition: number;
  /** In id order. */
  readonly hooks: HookVersion[];
}

/** Divides matched hooks among the partitions of deliveries.requested. The same list of matchers, as most events of a type have, is divided once. */
export class DeliveryPlanner {
  private readonly plans = new WeakMap<readonly HookMatcher[], readonly PlannedRequest[]>();

  /** @param partitionOfHook the home of a hook; fixed for its life */
  constructor(private readonly partitionOfHook: (hookId: string) => number) {}

  /** @param matched in hook id order */
  planOf(matched: readonly HookMatcher[]): readonly PlannedRequest[] {
    const known = this.plans.get(matched);
    if (known) return known;
    const made = this.divide(matched);
    this.plans.set(matched, made);
    return made;
  }

  private divide(matched: readonly HookMatcher[]): readonly PlannedRequest[] {
    const requests: PlannedRequest[] = [];
    const open = new Map<number, PlannedRequest>();
    for (const { hook } of matched) {
      const partition = this.partitionOfHook(hook.hookId);
      let request = open.get(partition);
      if (!request || request.hooks.length >= limits.hooksPerRequest) {
        request = { partition, hooks: [] };
        open.set(partition, request);
        requests.push(request);
      }
      request.hooks.push({ hookId: hook.hookId, version: hook.version });
    }
    return requests;
  }
}
