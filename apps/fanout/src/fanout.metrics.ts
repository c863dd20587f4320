import type { Metrics } from '@hooklane/telemetry';
import type { FanoutDecision } from './match/decide-fanout.js';

export interface FanoutMetrics {
  batch(decisions: readonly FanoutDecision[], counts: { readonly repeats: number; readonly unreadable: number; readonly seconds: number }): void;
  /** A version of a hook whose conditions cannot be prepared. */
  unusableHook(): void;
}

export function fanoutMetrics(metrics: Metrics): FanoutMetrics {
  const events = metrics.counter('fanout_events_total', 'Events fanned out, by what became of them', ['result']);
  const [matched, nothing, repeat, unreadable] = [events.labels('matched'), events.labels('matched-nothing'), events.labels('repeat'), events.labels('unreadable')];
  const deliveries = metrics.counter('fanout_deliveries_total', 'Deliveries requested: one for each event and hook').labels();
  const batches = metrics.histogram('fanout_batch_seconds', 'From a batch of events to the acknowledged requests').labels();
  const unusable = metrics.counter('fanout_unusable_hooks_total', 'Versions of hooks that match nothing because their conditions cannot be prepared; see the incidents').labels();
  return {
    unusableHook: () => unusable.inc(1),
    batch(decisions, counts) {
      let hooks = 0;
      let withHooks = 0;
      for (const decision of decisions) {
        if (decision.kind !== 'requests') continue;
        withHooks += 1;
        for (const request of decision.requests) hooks += request.hooks.length;
      }
      matched.inc(withHooks);
      nothing.inc(decisions.length - withHooks);
      repeat.inc(counts.repeats);
      unreadable.inc(counts.unreadable);
      deliveries.inc(hooks);
      batches.observe(counts.seconds);
    },
  };
}
