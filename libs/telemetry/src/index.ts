export type { Logger } from './logger.js';
export type { Counter, Gauge, Histogram, Metrics } from './metrics.js';
