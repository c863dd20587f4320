import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, type Attributes, type Tracer } from '@opentelemetry/api';

/**
 * Spans for traces that the publisher began and sampled, and for nothing else: an instrumented client costs 40 % of the throughput even at
 * 1 % sampling (stack.md 7), so without a sampled `traceparent` nothing is made at all.
 */
export interface Traces {
  /** @returns null when `traceparent` (W3C) is missing, malformed or not sampled, or no collector is configured. */
  begin(name: string, traceparent: string, attributes?: Attributes): TraceSpan | null;
  close(): Promise<void>;
}

export interface TraceSpan {
  /** What travels on: this span as the parent. */
  readonly traceparent: string;
  /** @param error a sentence; absent on success */
  end(attributes?: Attributes, error?: string): void;
}

export const noTraces: Traces = { begin: () => null, close: async () => undefined };

/** @param endpoint base address of an OTLP/HTTP collector, as in OTEL_EXPORTER_OTLP_ENDPOINT */
export async function otlpTraces(endpoint: string, serviceName: string, serviceVersion: string): Promise<Traces> {
  // Loaded on demand: 30 MB that most installations never use.
  const [{ NodeTracerProvider, BatchSpanProcessor, ParentBasedSampler, AlwaysOffSampler }, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': serviceVersion }),
    sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` }))],
  });
  return { begin: (name, traceparent, attributes) => begin(provider.getTracer('hooklane'), name, traceparent, attributes), close: () => provider.shutdown() };
}

const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;

/** @returns the parts of a W3C traceparent, or null when it is not one. */
export function parseTraceparent(text: string): { traceId: string; spanId: string; sampled: boolean } | null {
  const match = TRACEPARENT.exec(text);
  return match ? { traceId: match[1]!, spanId: match[2]!, sampled: (parseInt(match[3]!, 16) & TraceFlags.SAMPLED) !== 0 } : null;
}

function begin(tracer: Tracer, name: string, traceparent: string, attributes: Attributes = {}): TraceSpan | null {
  const parent = parseTraceparent(traceparent);
  if (!parent?.sampled) return null;
  const context = trace.setSpanContext(ROOT_CONTEXT, { traceId: parent.traceId, spanId: parent.spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
  const span = tracer.startSpan(name, { attributes }, context);
  return {
    traceparent: `00-${parent.traceId}-${span.spanContext().spanId}-01`,
    end: (more, error) => {
      if (more) span.setAttributes(more);
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
      span.end();
    },
  };
}
