import type { Metrics } from '@hooklane/telemetry';

export interface LogQueryMetrics {
  flushed(rows: number, seconds: number): void;
  failed(): void;
}

/** @param behindSeconds age of the oldest record that was read from the log and is not written */
export function logQueryMetrics(metrics: Metrics, behindSeconds: () => number, waitingRows: () => number): LogQueryMetrics {
  const rows = metrics.counter('log_query_rows_total', 'Rows written to the read models');
  const flushes = metrics.histogram('log_query_flush_seconds', 'Time of one flush', [], [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]);
  const failures = metrics.counter('log_query_flush_failures_total', 'Flushes that were tried again');
  metrics.gauge('log_query_behind_seconds', 'Time since the log took the oldest record that was read and is not shown yet').collect(behindSeconds);
  metrics.gauge('log_query_waiting_rows', 'Rows read from the log and not yet written').collect(waitingRows);
  return {
    flushed(written, seconds) {
      rows.inc(written);
      flushes.observe(seconds);
    },
    failed: () => failures.inc(),
  };
}
