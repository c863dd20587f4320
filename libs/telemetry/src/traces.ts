import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Attributes, type Tracer } from '@opentelemetry/api';
import type { Logger } from './logger.js';
import { reportingExporter } from './reporting-exporter.js';

/**
 * Spans for traces that the publisher began and sampled, and for nothing else: an instrumented client costs 40 % of the throughput even at
 * 1 % sampling (stack.md 7), so without a sampled `traceparent` nothing is made at all.
 */
export interface Traces {
  /** @returns null when `traceparent` (W3C) is missing, malformed or not sampled. What is begun and never ended is never sent. */
  begin(name: string, traceparent: string, start: SpanStart): TraceSpan | null;
}

export interface SpanStart {
  /** `server` answers somebody, `consumer` takes from the log, `client` asks somebody. */
  readonly kind: 'server' | 'consumer' | 'client';
  /** Never a secret: neither addresses of hooks with their paths, nor headers, nor bodies. */
  readonly attributes: Attributes;
  /** Wall clock, when it was not just now. */
  readonly startedAtMs?: number;
}

export interface TraceSpan {
  /** What travels on: this span as the parent. */
  readonly traceparent: string;
  /** @param error a stable code; absent on success */
  end(attributes?: Attributes, error?: string): void;
}

/** The spans of a process on their way to a collector. */
export interface OpenTraces {
  /** @param service part of the process that makes the spans: in one process there are several */
  of(service: string): Traces;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** So long a stop waits at most for a collector that does not answer. */
const EXPORT_TIMEOUT_MS = 3_000;

/** @param endpoint base address of an OTLP/HTTP collector, as in OTEL_EXPORTER_OTLP_ENDPOINT */
export async function otlpTraces(endpoint: string, processName: string, processVersion: string, logger: Logger): Promise<OpenTraces> {
  // Loaded on demand: 30 MB that most installations never use.
  const [{ NodeTracerProvider, BatchSpanProcessor, ParentBasedSampler, AlwaysOffSampler }, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.namespace': 'hooklane', 'service.name': processName, 'service.version': processVersion }),
    sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    spanProcessors: [new BatchSpanProcessor(reportingExporter(exporter, logger), { exportTimeoutMillis: EXPORT_TIMEOUT_MS })],
  });
  return {
    of(service) {
      const tracer = provider.getTracer(`hooklane/${service}`, processVersion);
      return { begin: (name, traceparent, start) => begin(tracer, name, traceparent, start) };
    },
    // What does not get through was said already.
    close: () => provider.shutdown().catch(() => undefined),
  };
}

const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;
const KINDS = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, client: SpanKind.CLIENT };

/** @returns the parts of a W3C traceparent, or null when it is not one. */
export function parseTraceparent(text: string): { traceId: string; spanId: string; sampled: boolean } | null {
  const match = TRACEPARENT.exec(text);
  return match ? { traceId: match[1]!, spanId: match[2]!, sampled: (parseInt(match[3]!, 16) & TraceFlags.SAMPLED) !== 0 } : null;
}

function begin(tracer: Tracer, name: string, traceparent: string, { kind, attributes, startedAtMs }: SpanStart): TraceSpan | null {
  if (traceparent === '') return null;
  const parent = parseTraceparent(traceparent);
  if (!parent?.sampled) return null;
  const context = trace.setSpanContext(ROOT_CONTEXT, { traceId: parent.traceId, spanId: parent.spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes, ...(startedAtMs === undefined ? {} : { startTime: startedAtMs }) }, context);
  return {
    traceparent: `00-${parent.traceId}-${span.spanContext().spanId}-01`,
    end: (more, error) => {
      if (more) span.setAttributes(more);
      if (error !== undefined) span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR, message: error });
      span.end();
    },
  };
}
