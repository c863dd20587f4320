export type { Logger } from './logger.js';
export type { Counter, Gauge, Histogram, Metrics } from './metrics.js';
export type { LogLevel } from './pino-logger.js';
export { logLevels, openLogger } from './pino-logger.js';
export type { PrometheusMetrics } from './prometheus.js';
export { prometheusMetrics } from './prometheus.js';
export { redacted } from './redaction.js';
export type { OpenTraces, SpanStart, Traces, TraceSpan } from './traces.js';
export { otlpTraces, parseTraceparent } from './traces.js';
