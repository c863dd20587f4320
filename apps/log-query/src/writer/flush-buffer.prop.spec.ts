import { describe, expect, it } from '@jest/globals';
import { Topics } from '@hooklane/contracts/topics';
import fc from 'fast-check';
import { codeOf, fates } from '../read-model/codes.js';
import { mergeDelivery } from '../read-model/delivery-row.js';
import type { DeliveryRow } from '../read-model/rows.js';
import { FlushBuffer, type OutcomeEntry, type RequestEntry } from './flush-buffer.js';
import { without, type FlushPlan } from './flush-plan.js';

const SETTINGS = { rowsPerFlush: 40, bytesPerFlush: 1_000_000, requestHoldMs: 400 };

/** What the database makes of the plans: the upsert's rule is `mergeDelivery`. */
class Model {
  readonly deliveries = new Map<string, DeliveryRow>();
  readonly attempts: string[] = [];
  readonly positions = new Map<string, { readonly next: number; readonly marks: string }>();

  apply(plan: FlushPlan): void {
    for (const row of plan.deliveries) {
      const present = this.deliveries.get(row.id);
      this.deliveries.set(row.id, present ? mergeDelivery(present, row) : row);
    }
    for (const row of plan.attempts) this.attempts.push(row.attemptId);
    for (const { topic, partition, expected, next, marks } of plan.positions) {
      const key = `${topic}/${partition}`;
      expect(this.positions.get(key)?.next ?? 0).toBe(expected);
      this.positions.set(key, { next, marks });
    }
  }
}

function row(offset: number): DeliveryRow {
  return {
    id: `dlv_0_${offset}_hook_1`, tenantId: 'acme', acceptedAtMs: 1_000, requestPartition: 0, requestOffset: offset, hookId: 'hook_1', hookVersion: 1, eventId: `evt_${offset}`, type: 't', project: '', trigger: 0, replayId: '',
    requestedAtMs: 2_000, fate: codeOf(fates, 'pending'), fateReason: '', attempts: 0, status: 0, errorCode: '', outcomeAtMs: 0, nextAttemptAtMs: 0, ownerEpoch: -1, ownerSequence: -1,
  };
}

/** @param source position of the event; a repeat of an earlier request has the same one */
function request(offset: number, source: number, arrivedMs: number): RequestEntry {
  const hooks = [{ hookId: 'hook_1', version: 1 }];
  return { offset, arrivedMs, loggedMs: 0, bytes: 100, rows: 1, request: { sourceStream: 's', sourcePosition: source, hooks }, deliveries: [row(offset)] };
}

function outcome(offset: number, requestOffset: number, sequence: number, fate: string, arrivedMs: number): OutcomeEntry {
  const delivery = { ...row(requestOffset), requestedAtMs: 0, fate: codeOf(fates, fate), attempts: sequence, status: fate === 'delivered' ? 200 : 500, outcomeAtMs: 3_000 + sequence, ownerEpoch: 1, ownerSequence: offset };
  const attempt = { logOffset: offset, tenantId: 'acme', atMs: 3_000, hookId: 'hook_1', eventId: delivery.eventId, type: 't', project: '', requestPartition: 0, requestOffset, attemptId: `att_${offset}`, number: sequence, trigger: 0, outcomeClass: 1, status: 200, errorCode: '', totalUs: 1, fate: delivery.fate, record: Buffer.alloc(0) };
  return { offset, arrivedMs, loggedMs: 0, bytes: 100, rows: 2, attempt, delivery, unmatched: null };
}

interface Log {
  readonly requests: readonly number[];
  readonly outcomes: readonly { readonly requestOffset: number; readonly sequence: number; readonly fate: string }[];
}

/** A partition's log: some requests are repeats of the one before; each fresh one has failing attempts and, mostly, an end. */
const log: fc.Arbitrary<Log> = fc
  .array(fc.record({ repeats: fc.nat(2), failures: fc.nat(2), settles: fc.boolean() }), { maxLength: 30 })
  .map((deliveries) => {
    const requests: number[] = [];
    const outcomes: { requestOffset: number; sequence: number; fate: string }[] = [];
    for (const [source, { repeats, failures, settles }] of deliveries.entries()) {
      const requestOffset = requests.length;
      for (let again = 0; again <= repeats; again += 1) requests.push(source);
      for (let sequence = 1; sequence <= failures; sequence += 1) outcomes.push({ requestOffset, sequence, fate: 'pending' });
      if (settles) outcomes.push({ requestOffset, sequence: failures + 1, fate: 'delivered' });
    }
    return { requests, outcomes };
  });

function open(model: Model): FlushBuffer {
  const buffer = new FlushBuffer(SETTINGS);
  const at = (topic: string, marks: string): { next: number; marks: string } => model.positions.get(`${topic}/0`) ?? { next: 0, marks };
  for (const [topic, marks] of [[Topics.deliveriesRequested, '[]'], [Topics.deliveryOutcomes, '']] as const) buffer.assign(topic, 0, { nextOffset: at(topic, marks).next, marks: at(topic, marks).marks, numbered: 0 });
  return buffer;
}

/** Feeds the log in an order between the two topics, flushes now and then, and dies now and then: what was not flushed is read again from the stored positions. */
function play({ requests, outcomes }: Log, steps: readonly number[], model: Model): void {
  let buffer = open(model);
  let nowMs = 0;
  let read = { requests: 0, outcomes: 0 };
  const resume = (): void => {
    buffer = open(model);
    read = { requests: model.positions.get(`${Topics.deliveriesRequested}/0`)?.next ?? 0, outcomes: model.positions.get(`${Topics.deliveryOutcomes}/0`)?.next ?? 0 };
  };
  const readOne = (which: 'requests' | 'outcomes'): void => {
    const offset = read[which];
    if (which === 'requests' && offset < requests.length) buffer.addRequest(0, request(offset, requests[offset] ?? 0, nowMs));
    const entry = outcomes[offset];
    if (which === 'outcomes' && entry) buffer.addOutcome(0, outcome(offset, entry.requestOffset, entry.sequence, entry.fate, nowMs));
    read[which] = Math.min(offset + 1, which === 'requests' ? requests.length : outcomes.length);
  };
  for (const step of steps) {
    nowMs += 50;
    if (step < 4) readOne('requests');
    else if (step < 8) readOne('outcomes');
    else if (step === 8) model.apply(buffer.take(nowMs));
    else resume();
  }
  while (read.requests < requests.length) readOne('requests');
  while (read.outcomes < outcomes.length) readOne('outcomes');
  while (buffer.size().rows > 0) model.apply(buffer.take(nowMs, true));
}

describe('FlushBuffer', () => {
  it('ends with the same deliveries in every order between the topics, at every flush and after every crash', () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat(9), { maxLength: 200 }), (records, steps) => {
        const played = new Model();
        const plain = new Model();
        play(records, steps, played);
        play(records, [], plain);
        expect([...played.deliveries].sort()).toEqual([...plain.deliveries].sort());
        expect(played.attempts.toSorted()).toEqual(plain.attempts.toSorted());
        expect(played.deliveries.size).toBe(new Set(records.requests).size);
      }),
    );
  });

  it('does not care in which order rows of a delivery are merged', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 }), (order) => {
        const rows = [row(7), ...[1, 2, 3].map((sequence) => outcome(sequence, 7, sequence, sequence === 3 ? 'delivered' : 'pending', 0).delivery as DeliveryRow)];
        const merged = order.map((index) => rows[index] as DeliveryRow).reduce(mergeDelivery);
        expect(merged).toEqual(rows.reduce(mergeDelivery));
        expect(merged).toMatchObject({ requestedAtMs: 2_000, attempts: 3, status: 200, fate: codeOf(fates, 'delivered') });
      }),
    );
  });
});

describe('FlushBuffer, one flush', () => {
  it('writes a delivery that goes well once, with its fate', () => {
    const model = new Model();
    const buffer = open(model);
    buffer.addRequest(0, request(0, 0, 0));
    buffer.addOutcome(0, outcome(0, 0, 1, 'delivered', 10));
    const plan = buffer.take(100);
    expect(plan.deliveries).toMatchObject([{ fate: codeOf(fates, 'delivered'), requestedAtMs: 2_000 }]);
    expect(plan.positions).toHaveLength(2);
    expect(buffer.take(1_000).deliveries).toEqual([]);
  });

  it('holds a request for its outcome, and shows it as pending when the time is up', () => {
    const buffer = open(new Model());
    buffer.addRequest(0, request(0, 0, 0));
    expect(buffer.take(399).positions).toEqual([]);
    expect(buffer.take(400).deliveries).toMatchObject([{ fate: codeOf(fates, 'pending') }]);
  });

  it('ignores records that it has read before', () => {
    const buffer = open(new Model());
    for (const offset of [0, 1, 0, 1, 2]) buffer.addOutcome(0, outcome(offset, offset, 1, 'delivered', 0));
    expect(buffer.take(0).attempts.map(({ attemptId }) => attemptId)).toEqual(['att_0', 'att_1', 'att_2']);
  });

  it('lets go of what belongs to a partition that another instance has taken, and keeps the rest', () => {
    const buffer = open(new Model());
    buffer.assign(Topics.deliveryOutcomes, 1, { nextOffset: 0, marks: '', numbered: 0 });
    buffer.addOutcome(0, outcome(0, 0, 1, 'delivered', 0));
    buffer.addOutcome(1, outcome(0, 5, 1, 'delivered', 0));
    const plan = buffer.take(0);
    const rest = without(plan, plan.positions.filter(({ partition }) => partition === 0));
    expect(rest.attempts).toHaveLength(1);
    expect(rest.deliveries).toMatchObject([{ requestOffset: 5 }]);
  });

  it('takes its share of every topic when one has a backlog', () => {
    const buffer = open(new Model());
    for (let offset = 0; offset < 2_000; offset += 1) buffer.addOutcome(0, outcome(offset, offset, 1, 'delivered', 0));
    for (let offset = 5_000; offset < 5_010; offset += 1) buffer.addRequest(0, request(offset, offset, 0));
    const plan = buffer.take(1_000);
    expect(plan.positions).toHaveLength(2);
    expect(plan.attempts.length).toBeLessThanOrEqual(40);
  });
});
