import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventAccepted, HookChanged } from '@hooklane/contracts/topics';
import { decideAttempt, type AttemptFacts } from '../attempt/decide-attempt.js';
import type { Classified } from '../attempt/classify.js';
import { MAX_HEADS } from './keyed-line.js';
import { createLane, type Delivery, type Lane } from './lane.js';
import { LaneMachine } from './lane-machine.js';
import type { LaneEffects, LaneView } from './lane-world.js';

const RETRY_MS = 60_000;
const hook: HookChanged = { ...HookChanged.decode(new Uint8Array(0)), hookId: 'hook_1', tenantId: 'acme', version: 1, enabled: true, enabledEpoch: 1, order: 'fifo-per-key' };

let nowMs: number;
let lane: Lane;
let machine: LaneMachine;
let sent: Delivery[];
/** What Postgres and the log answer, in the order in which they were asked. */
let answers: (() => void)[];
let rows: Map<number, Delivery>;

const view: LaneView = {
  nowMs: () => nowMs,
  monotonicMs: () => nowMs,
  hook: () => hook,
  disableRules: () => ({ limit: 0, count: 'in-a-row' }),
  obstacle: () => '',
  startAtMs: () => 0,
  maxInFlight: () => 8,
  readUpTo: () => Infinity,
  maxParked: () => Infinity,
  isMemoryShort: () => false,
};

const effects: LaneEffects = {
  requestSlot: (asking) => machine.begin(asking),
  releaseSlot: () => undefined,
  send: (_lane, delivery) => sent.push(delivery),
  conclude: () => undefined,
  repeatVerdict: () => undefined,
  announce: (announcing) => answers.push(() => machine.announced(announcing)),
  saveRow: () => undefined,
  park: (_lane, deliveries) => {
    for (const delivery of deliveries) rows.set(delivery.request.offset, delivery);
    answers.push(() => machine.parked(lane, deliveries));
  },
  load: () => undefined,
  loadKey: (_lane, head, after, upTo) =>
    answers.push(() => machine.keyLoaded(lane, head, [...rows.values()].filter(({ request: { offset, event } }) => offset > after && offset <= upTo && event.orderingKey === head.key))),
  openCatchUp: () => undefined,
  wake: () => undefined,
};

const ok: Classified = { outcomeClass: 'success', errorCode: '', errorSentence: '', gone: false, counts: true };
const refused: Classified = { outcomeClass: 'rejected', errorCode: 'status-400', errorSentence: '', gone: false, counts: true };

function factsOf({ request: { offset } }: Delivery, classified: Classified): AttemptFacts {
  const retry = { unavailableDelaysMs: [], unavailableGiveUpMs: 0, rejectedDelaysMs: [RETRY_MS, RETRY_MS], onExhausted: 'skip' as const };
  return { classified, offset, number: 1, startedAtMs: nowMs, nowMs, retryAfterMs: null, jitter: 0.5, enabledEpoch: 1, hookVersion: 1, policyVersion: 1, retry, disable: { limit: 0, count: 'in-a-row' } };
}

function publish(offset: number, orderingKey: string): void {
  const event = { ...EventAccepted.decode(new Uint8Array(0)), orderingKey };
  machine.requested(lane, { request: { offset, tenantId: 'acme', eventId: `evt_${offset}`, trigger: 'event', replayId: '', encoded: Buffer.alloc(0), event }, hookVersion: 1, arrivedAtMs: nowMs, record: null, row: 'none', spilling: false, behind: null });
}

function answer(delivery: Delivery, classified: Classified): void {
  const decision = decideAttempt(machine.healthOf(lane, delivery), factsOf(delivery, classified));
  if (classified === ok) machine.settled(lane, decision, delivery);
  else {
    machine.failed(lane, decision, delivery);
    machine.recorded(lane, delivery, false);
  }
  settle();
}

function settle(): void {
  for (let next = answers.shift(); next; next = answers.shift()) next();
}

const keysSent = (): string[] => sent.splice(0).map(({ request }) => request.event.orderingKey);

beforeEach(() => {
  nowMs = 1_000_000;
  sent = [];
  answers = [];
  rows = new Map();
  lane = createLane(0, 'acme', 'hook_1', 1, nowMs);
  machine = new LaneMachine(view, effects);
});

describe('a lane that keeps order by key', () => {
  it('waits when as many keys are blocked as it remembers, and goes on with each that is free again', () => {
    for (let n = 0; n < MAX_HEADS; n += 1) {
      publish(n, `key_${n}`);
      answer(sent.pop() as Delivery, refused);
    }
    expect(lane.keyed?.blocked).toBe(MAX_HEADS);
    // What shares a blocked key goes behind it, and holds up nobody.
    publish(MAX_HEADS, 'key_0');
    publish(MAX_HEADS + 1, 'new');
    publish(MAX_HEADS + 2, 'newer');
    settle();
    expect([keysSent(), lane.waitsFor, lane.live.length]).toEqual([[], 'blocked-keys', 2]);

    nowMs += RETRY_MS;
    machine.advance(lane);
    settle();
    const first = [...sent];
    // Nothing new before a key is free: the eight that may be under way are those that were due.
    expect(keysSent()).toEqual(Array.from({ length: 8 }, (_, n) => `key_${n}`));
    answer(first[0] as Delivery, ok);
    // Its key has another delivery, so it is not free.
    expect([keysSent(), lane.live.length]).toEqual([['key_0'], 2]);
    for (const delivery of first.slice(1)) answer(delivery, ok);
    expect(keysSent()).toContain('new');
    // Under way are the two new ones, what was behind the first key, and five more that were due.
    expect([lane.live.length, lane.keyed?.inFlight, lane.keyed?.blocked]).toEqual([0, 8, MAX_HEADS - 8 - 5]);
  });
});
