import { describe, expect, it } from '@jest/globals';
import { DeliveryOutcome } from '@hooklane/contracts/topics';
import type { PeerCall } from '@hooklane/service-host';
import { PeerDeliveryLogs } from './delivery-logs.peer.js';

/** log-query with attempts at the offsets `count - 1` to 0 of partition 0. */
function logs(count: number): { readonly logs: PeerDeliveryLogs; readonly calls: PeerCall[] } {
  const calls: PeerCall[] = [];
  const peers = {
    call: (call: PeerCall): Promise<never> => {
      calls.push(call);
      const { before = 0, number = 0, limit = 0, hooks = [] } = call.request as { before?: number; number?: number; limit?: number; hooks?: string[] };
      if (call.method === 'CountLoggedAttempts') return Promise.resolve({ items: hooks.slice(1).map((hook) => ({ hook, count: 3 })) } as never);
      const offsets = Array.from({ length: count }, (_, index) => count - 1 - index).filter((offset) => (number > 0 ? offset * 1_024 + 1 === number : before === 0 || offset * 1_024 + 1 < before));
      return Promise.resolve({ items: offsets.slice(0, limit).map((offset) => ({ outcome: DeliveryOutcome.encode({ ...DeliveryOutcome.decode(new Uint8Array()), eventId: `evt_${offset}` }).finish(), partition: 0, offset, eventData: new Uint8Array() })) } as never);
    },
  };
  return { logs: new PeerDeliveryLogs(peers, { all: async () => new Map([['hook_1', 1], ['hook_2', 2]]) }), calls };
}

const offsetsOf = (found: readonly { readonly number: number }[]): number[] => found.map(({ number }) => (number - 1) / 1_024);

describe('the log of attempts, from log-query', () => {
  it('is read in parts that fit into a message, up to what is asked for', async () => {
    const { logs: log, calls } = logs(40);
    expect(offsetsOf(await log.ofHook({ tenantId: 'acme', hookId: 'hook_1', limit: 25 }))).toEqual(Array.from({ length: 25 }, (_, index) => 39 - index));
    expect(calls.map(({ request, for: holder }) => [(request as { limit: number }).limit, holder.tenantId])).toEqual([[10, 'acme'], [10, 'acme'], [5, 'acme']]);
    expect(offsetsOf(await log.ofHook({ tenantId: 'acme', hookId: 'hook_1', limit: 5, before: 2 * 1_024 + 1 }))).toEqual([1, 0]);
  });

  it('of a project is that of all hooks of the dialect that ever were', async () => {
    const { logs: log, calls } = logs(1);
    await log.ofProject({ tenantId: 'acme', dialect: 'backlog', projectId: 'prj_1', limit: 10 });
    expect(calls[0]).toMatchObject({ peer: 'log-query', request: { hooks: ['hook_1', 'hook_2'], project: 'prj_1' } });
  });

  it('has one by its number, and asks nobody for what is none', async () => {
    const { logs: log, calls } = logs(3);
    expect((await log.byNumber({ tenantId: 'acme', number: 1_025 }))?.eventId).toBe('evt_1');
    expect(await log.byNumber({ tenantId: 'acme', number: 7 })).toBeNull();
    expect([await log.byNumber({ tenantId: 'acme', number: 1.5 }), await log.byNumber({ tenantId: 'acme', number: 2 ** 60 }), calls.length]).toEqual([null, null, 2]);
  });

  it('counts', async () => {
    const { logs: log, calls } = logs(3);
    expect(await log.counts({ tenantId: 'acme', hookIds: ['a', 'b'], atMost: 11 })).toEqual(new Map([['b', 3]]));
    expect(await log.counts({ tenantId: 'acme', hookIds: [], atMost: 11 })).toEqual(new Map());
    expect(calls).toHaveLength(1);
  });
});
