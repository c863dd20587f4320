import type { Logger } from './logger.js';

/** The part of an OpenTelemetry exporter that matters here. */
interface Exporter<Span> {
  export(spans: Span[], done: (result: { readonly code: number; readonly error?: Error }) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

const EXPORT_SUCCEEDED = 0;

/** Says once that spans do not get through, and once that they do again: the SDK by itself drops them without a word. */
export function reportingExporter<Span>(exporter: Exporter<Span>, logger: Pick<Logger, 'warn' | 'info'>): Exporter<Span> {
  let isFailing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const hasFailed = result.code !== EXPORT_SUCCEEDED;
        if (hasFailed && !isFailing) logger.warn('traces do not reach the collector; spans are dropped', { error: result.error?.message });
        if (!hasFailed && isFailing) logger.info('traces reach the collector again');
        isFailing = hasFailed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
