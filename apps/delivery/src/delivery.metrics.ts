import type { Metrics } from '@hooklane/telemetry';
import type { OutcomeClass } from './attempt/classify.js';
import type { LaneStanding } from './lanes/scheduler.js';

export interface DeliveryMetrics {
  /** @param durationUs of the request @param endToEndMs from acceptance to answer; null unless it was delivered */
  attempt(outcomeClass: OutcomeClass, durationUs: number, endToEndMs: number | null): void;
  concluded(fate: string): void;
  leaseLost(): void;
  read(values: DeliveryReadings): void;
}

/** Read when /metrics is asked. */
export interface DeliveryReadings {
  inFlight(): number;
  parked(): number;
  backlogAgeMs(): number;
  liveBytes(): number;
  slotsUsed(standing: LaneStanding): number;
  lanesPaced(reason: PaceReason): number;
}

export type PaceReason = 'rate-limit' | 'back-off';

const STANDINGS: readonly LaneStanding[] = ['proven', 'fresh', 'slow'];
const PACE_REASONS: readonly PaceReason[] = ['rate-limit', 'back-off'];
const CLASSES: readonly OutcomeClass[] = ['success', 'unavailable', 'rejected', 'blocked', 'invalid', 'interrupted'];
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

export function deliveryMetrics(metrics: Metrics): DeliveryMetrics {
  const attempts = metrics.counter('delivery_attempts_total', 'Attempts by class of outcome.', ['outcome']);
  const byClass = new Map(CLASSES.map((name) => [name, attempts.labels(name)]));
  const concluded = metrics.counter('delivery_concluded_total', 'Deliveries that got their fate without a request.', ['fate']);
  const durations = metrics.histogram('delivery_attempt_duration_seconds', 'From the start of a request to the end of its answer.', [], SECONDS);
  const endToEnd = metrics.histogram('delivery_end_to_end_seconds', 'From the acceptance of an event to the receiver’s success.', [], SECONDS);
  const leaseLosses = metrics.counter('delivery_lease_losses_total', 'Partitions that another owner took, or whose lease could not be kept.');
  return {
    attempt(outcomeClass, durationUs, endToEndMs) {
      byClass.get(outcomeClass)?.inc();
      durations.observe(durationUs / 1e6);
      if (endToEndMs !== null) endToEnd.observe(Math.max(endToEndMs, 0) / 1e3);
    },
    concluded: (fate) => concluded.labels(fate).inc(),
    leaseLost: () => leaseLosses.inc(),
    read({ inFlight, parked, backlogAgeMs, liveBytes, slotsUsed, lanesPaced }) {
      metrics.gauge('delivery_in_flight', 'Requests under way.').collect(inFlight);
      metrics.gauge('delivery_parked', 'Deliveries that wait in Postgres for lanes owned here.').collect(parked);
      metrics.gauge('delivery_backlog_oldest_seconds', 'Age of the oldest delivery that waits here.').collect(() => backlogAgeMs() / 1e3);
      metrics.gauge('delivery_lane_bytes', 'Events that lanes hold in memory.').collect(liveBytes);
      const slots = metrics.gauge('delivery_slots_used', 'Slots taken by requests under way, by the standing of their lanes.', ['standing']);
      for (const standing of STANDINGS) slots.collect(() => slotsUsed(standing), standing);
      const paced = metrics.gauge('delivery_lanes_paced', 'Lanes slowed down by the rate limit of their hook, or because their receiver asked for fewer requests.', ['reason']);
      for (const reason of PACE_REASONS) paced.collect(() => lanesPaced(reason), reason);
    },
  };
}
