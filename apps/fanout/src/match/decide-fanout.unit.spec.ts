import { describe, expect, it } from '@jest/globals';
import { EventAccepted, HookChanged } from '@hooklane/contracts/topics';
import { TenantMatchers } from '@hooklane/routing';
import { decideFanout, type FanoutSettings, type PlacedEvent } from './decide-fanout.js';
import { DeliveryPlanner } from './delivery-plan.js';
import { IncarnationMarks } from './incarnation-marks.js';

const hook = (hookId: string, part: Partial<HookChanged> = {}): HookChanged => ({ ...HookChanged.decode(new Uint8Array()), tenantId: 't1', hookId, version: 3, enabled: true, eventTypes: ['order.*'], ...part });
const placed = (offset: number, part: Partial<EventAccepted> = {}): PlacedEvent => ({
  offset,
  event: { ...EventAccepted.decode(new Uint8Array()), tenantId: 't1', eventId: `evt_${offset}`, type: 'order.paid', incarnation: 'a', sequence: offset + 1, ...part },
});
const settings = (hooks: readonly HookChanged[]): FanoutSettings => {
  const matchers = new TenantMatchers(() => undefined);
  return { matcherOf: (tenantId) => matchers.of(tenantId === 't1' ? hooks : []), projectNamed: () => undefined, planner: new DeliveryPlanner((hookId) => Number(hookId.at(-1)) % 2), incarnationsRemembered: 2 };
};

describe('decideFanout', () => {
  it('makes one request per event and partition, with the hooks in id order', () => {
    const { decisions } = decideFanout([placed(7)], IncarnationMarks.none, settings([hook('h1'), hook('h2'), hook('h3')]));
    expect(decisions).toMatchObject([
      {
        kind: 'requests',
        offset: 7,
        requests: [
          { partition: 1, hooks: [{ hookId: 'h1', version: 3 }, { hookId: 'h3', version: 3 }] },
          { partition: 0, hooks: [{ hookId: 'h2', version: 3 }] },
        ],
      },
    ]);
  });

  it('requests disabled hooks too', () => {
    expect(decideFanout([placed(0)], IncarnationMarks.none, settings([hook('h1', { enabled: false })])).decisions[0]).toMatchObject({ kind: 'requests' });
  });

  it('says so when nothing matched, for unknown tenants too', () => {
    const { decisions } = decideFanout([placed(0, { type: 'user.made' }), placed(1, { tenantId: 't2' })], IncarnationMarks.none, settings([hook('h1')]));
    expect(decisions.map(({ kind }) => kind)).toEqual(['matched-nothing', 'matched-nothing']);
  });

  it('chunks a partition at 5,000 hooks', () => {
    const many = Array.from({ length: 5_001 }, (_, index) => hook(`h${String(index * 2).padStart(5, '0')}`));
    const [decision] = decideFanout([placed(0)], IncarnationMarks.none, settings(many)).decisions;
    expect(decision?.kind === 'requests' && decision.requests.map(({ partition, hooks }) => [partition, hooks.length, hooks[0]?.hookId])).toEqual([
      [0, 5_000, 'h00000'],
      [0, 1, 'h10000'],
    ]);
  });

  it('drops late duplicate appends: N, N+1, N becomes N, N+1', () => {
    const { decisions, repeats } = decideFanout([placed(0, { sequence: 5 }), placed(1, { sequence: 6 }), placed(2, { sequence: 5 })], IncarnationMarks.none, settings([]));
    expect(decisions.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(repeats).toBe(1);
  });

  it('drops what an earlier batch saw, and decides the same batch the same way until its marks are taken over', () => {
    const first = decideFanout([placed(0)], IncarnationMarks.none, settings([]));
    expect(decideFanout([placed(0)], IncarnationMarks.none, settings([])).decisions).toHaveLength(1);
    expect(decideFanout([placed(9, { sequence: 1 })], first.marks, settings([])).decisions).toHaveLength(0);
    expect(decideFanout([placed(9, { sequence: 1, incarnation: 'b' })], first.marks, settings([])).decisions).toHaveLength(1);
  });
});
