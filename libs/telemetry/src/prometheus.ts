import { Counter as PromCounter, Gauge as PromGauge, Histogram as PromHistogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Counter, Gauge, Histogram, Metrics } from './metrics.js';

/** From half a millisecond, which is what the embedded path takes, to the longest attempt. */
const DEFAULT_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 300, 1_800];
const PREFIX = 'hooklane_';

export interface PrometheusMetrics {
  /** What one service counts; services of a process share a registry, told apart by the label `service`. */
  of(service: string): Metrics;
  /** The text of /metrics. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function prometheusMetrics(): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const readers: (() => void)[] = [];
  return {
    contentType: registry.contentType,
    text: () => {
      for (const read of readers) read();
      return registry.metrics();
    },
    of: (service) => ({
      counter: (name, help, labelNames = []) => counter(service, known(registry, name) ?? new PromCounter({ name: PREFIX + name, help, labelNames: ['service', ...labelNames], registers: [registry] })),
      gauge: (name, help, labelNames = []) => gauge(service, known(registry, name) ?? new PromGauge({ name: PREFIX + name, help, labelNames: ['service', ...labelNames], registers: [registry] }), readers),
      histogram: (name, help, labelNames = [], buckets = DEFAULT_BUCKETS_SECONDS) =>
        histogram(service, known(registry, name) ?? new PromHistogram({ name: PREFIX + name, help, labelNames: ['service', ...labelNames], buckets: [...buckets], registers: [registry] })),
    }),
  };
}

function known<Metric>(registry: Registry, name: string): Metric | undefined {
  return registry.getSingleMetric(PREFIX + name) as Metric | undefined;
}

function counter(service: string, metric: PromCounter): Counter {
  const own = lazy(() => metric.labels(service));
  return {
    labels: (...values) => metric.labels(service, ...values),
    inc: (by = 1) => own().inc(by),
  };
}

function gauge(service: string, metric: PromGauge, readers: (() => void)[]): Gauge {
  const own = lazy(() => metric.labels(service));
  return {
    labels: (...values) => metric.labels(service, ...values),
    set: (value) => own().set(value),
    collect: (read) => void readers.push(() => own().set(read())),
  };
}

function histogram(service: string, metric: PromHistogram): Histogram {
  const own = lazy(() => metric.labels(service));
  return {
    labels: (...values) => metric.labels(service, ...values),
    observe: (seconds) => own().observe(seconds),
  };
}

/** A metric with further labels has no child without them, so it is looked up at its first use only. */
function lazy<Child>(make: () => Child): () => Child {
  let child: Child | undefined;
  return () => (child ??= make());
}
