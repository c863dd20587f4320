import { Counter as PromCounter, Gauge as PromGauge, Registry, collectDefaultMetrics, type Metric } from 'prom-client';
import type { Counter, Gauge, Histogram, Metrics } from './metrics.js';
import { Children, CounterTally, GaugeTally, HistogramTally } from './tallies.js';

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
  const counters = new Map<string, Children<CounterTally>>();
  const gauges = new Map<string, Children<GaugeTally>>();
  const histograms = new Map<string, Children<HistogramTally>>();
  const readers: (() => void)[] = [];
  return {
    contentType: registry.contentType,
    text: () => {
      for (const read of readers) read();
      return registry.metrics();
    },
    of: (service) => ({
      counter: (name, help, labelNames = []) => counter(service, known(counters, name, () => newCounter(registry, name, help, labelNames, readers))),
      gauge: (name, help, labelNames = []) => gauge(service, known(gauges, name, () => newGauge(registry, name, help, labelNames, readers)), readers),
      histogram: (name, help, labelNames = [], buckets = DEFAULT_BUCKETS_SECONDS) =>
        histogram(service, known(histograms, name, () => newHistogram(registry, name, help, labelNames, buckets))),
    }),
  };
}

/** Services of a process that count the same thing share its metric. */
function known<Kind>(metrics: Map<string, Kind>, name: string, make: () => Kind): Kind {
  let metric = metrics.get(name);
  if (!metric) metrics.set(name, (metric = make()));
  return metric;
}

function newCounter(registry: Registry, name: string, help: string, labelNames: readonly string[], readers: (() => void)[]): Children<CounterTally> {
  const metric = new PromCounter({ name: PREFIX + name, help, labelNames: ['service', ...labelNames], registers: [registry] });
  const children = new Children(() => new CounterTally());
  readers.push(() => {
    for (const { labels, tally } of children.all()) metric.labels(...labels).inc(tally.take());
  });
  return children;
}

function newGauge(registry: Registry, name: string, help: string, labelNames: readonly string[], readers: (() => void)[]): Children<GaugeTally> {
  const metric = new PromGauge({ name: PREFIX + name, help, labelNames: ['service', ...labelNames], registers: [registry] });
  const children = new Children(() => new GaugeTally());
  readers.push(() => {
    for (const { labels, tally } of children.all()) if (tally.value !== null) metric.labels(...labels).set(tally.value);
  });
  return children;
}

/** prom-client's own histogram takes single observations only, so this one is shown to the registry by its values. */
function newHistogram(registry: Registry, name: string, help: string, labelNames: readonly string[], bounds: readonly number[]): Children<HistogramTally> {
  const children = new Children(() => new HistogramTally(bounds));
  const names = ['service', ...labelNames];
  const metric = { name: PREFIX + name, help, type: 'histogram', aggregator: 'sum' };
  const get = (): Promise<unknown> => Promise.resolve({ ...metric, values: [...children.all()].flatMap(({ labels, tally }) => samplesOf(metric.name, bounds, labelled(names, labels), tally)) });
  registry.registerMetric({ ...metric, get } as unknown as Metric);
  return children;
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

function samplesOf(name: string, bounds: readonly number[], labels: Readonly<Record<string, string>>, tally: HistogramTally): Sample[] {
  const { cumulative, sum } = tally.read();
  const buckets = cumulative.map((value, bucket): Sample => ({ metricName: `${name}_bucket`, labels: { le: bounds[bucket] ?? '+Inf', ...labels }, value }));
  return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: cumulative[bounds.length] ?? 0 }];
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

function counter(service: string, children: Children<CounterTally>): Counter {
  const own = lazy(() => children.of([service]));
  return {
    labels: (...values) => children.of([service, ...values]),
    inc: (by) => own().inc(by),
  };
}

function gauge(service: string, children: Children<GaugeTally>, readers: (() => void)[]): Gauge {
  const own = lazy(() => children.of([service]));
  return {
    labels: (...values) => children.of([service, ...values]),
    set: (value) => own().set(value),
    // Before the readers of the metrics themselves, which show what it sets.
    collect: (read, ...labels) => void readers.unshift(() => children.of([service, ...labels]).set(read())),
  };
}

function histogram(service: string, children: Children<HistogramTally>): Histogram {
  const own = lazy(() => children.of([service]));
  return {
    labels: (...values) => children.of([service, ...values]),
    observe: (seconds) => own().observe(seconds),
  };
}

/** A metric with further labels has no child without them, so it is looked up at its first use only. */
function lazy<Child>(make: () => Child): () => Child {
  let child: Child | undefined;
  return () => (child ??= make());
}
