/**
 * What a service counts. Names get the prefix `hooklane_` and the label `service`. Label values must come from a closed set: never an id, a URL or a name.
 * Children (`labels(…)`) are looked up once and kept by who counts often.
 */
export interface Metrics {
  counter(name: string, help: string, labelNames?: readonly string[]): Counter;
  gauge(name: string, help: string, labelNames?: readonly string[]): Gauge;
  /** @param buckets upper bounds in seconds */
  histogram(name: string, help: string, labelNames?: readonly string[], buckets?: readonly number[]): Histogram;
}

export interface Counter {
  labels(...values: readonly string[]): { inc(by?: number): void };
  inc(by?: number): void;
}

export interface Gauge {
  labels(...values: readonly string[]): { set(value: number): void };
  set(value: number): void;
  /** Reads the value when /metrics is asked. @param labels values of the gauge's labels, if it has any */
  collect(read: () => number, ...labels: readonly string[]): void;
}

export interface Histogram {
  /** In seconds. */
  labels(...values: readonly string[]): { observe(seconds: number): void };
  observe(seconds: number): void;
}
