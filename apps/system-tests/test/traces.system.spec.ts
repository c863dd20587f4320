import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { must } from '../src/platform/client.js';
import { grpcClient } from '../src/platform/grpc.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';
import { startTraceCollector, type CollectedSpan, type TraceCollector } from '../src/platform/trace-collector.js';

const FAST_RETRY = { unavailableDelaysMs: [200], unavailableGiveUpMs: 60_000, rejectedDelaysMs: [200, 200] };
const SECRET_PATH = 'T0K3N-in-the-path';
const SECRET_HEADER = 'T0K3N-in-a-header';

interface PublisherSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceparent: string;
}

describe.each(modes)('one trace from the publisher to the receiver, $mode', ({ mode, start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let collector: TraceCollector;

  beforeAll(async () => {
    [receiver, collector] = await Promise.all([startReceiver(), startTraceCollector()]);
    platform = await start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '100' } });
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
    await collector?.stop();
  }, 60_000);

  const hook = (path: string, type: string): Promise<{ id: string }> =>
    must(platform, 'POST', '/v1/tenants/acme/hooks', { name: type, url: receiver.url(path), eventTypes: [type], retry: FAST_RETRY, secretHeaders: { 'X-Token': SECRET_HEADER } });
  const spansOf = (traceId: string, count: number): Promise<Record<string, CollectedSpan[]>> =>
    eventuallyPasses(() => {
      const spans = collector.spans.filter((span) => span.traceId === traceId);
      expect(spans).toHaveLength(count);
      return Object.fromEntries(['publish', 'fan out', 'deliver'].map((name) => [name, spans.filter((span) => span.name === name)]));
    });
  const process = (service: string): string => (mode === 'embedded' ? 'all-in-one' : service);

  it.each([
    ['REST', (type: string, traceparent: string) => must(platform, 'POST', '/v1/tenants/acme/events', { type, data: 1 }, { traceparent })],
    ['gRPC', async (type: string, traceparent: string) => {
      const client = grpcClient(platform, 'hooklane.v1.EventService');
      await client.call('Publish', { tenant: 'acme', event: { type, data: Buffer.from('1'), contentType: 'application/json' } }, platform.adminKey, { traceparent });
      client.close();
    }],
  ])('publish over %s, fan-out and every attempt are each other\'s children', async (way, publish) => {
    const type = `traced.${way.toLowerCase()}`;
    const path = `/${SECRET_PATH}/${way}`;
    const { id: hookId } = await hook(path, type);
    receiver.on(path, behaviours.failFirst(1, 503));
    const publisher = publisherSpan('01');
    await publish(type, publisher.traceparent);
    const requests = await receiver.waitFor(2, { path });

    const { publish: published, 'fan out': fannedOut, deliver: delivered } = await spansOf(publisher.traceId, 4);
    expect(published).toEqual([expect.objectContaining({ kind: 2, parentSpanId: publisher.spanId, process: process('event-ingest') })]);
    expect(published?.[0]?.attributes).toMatchObject({ 'hooklane.tenant.id': 'acme', 'hooklane.event.type': type, 'hooklane.event.id': requests[0]?.headers['webhook-id'] });
    expect(fannedOut).toEqual([expect.objectContaining({ kind: 5, parentSpanId: published?.[0]?.spanId, process: process('fanout') })]);
    expect(fannedOut?.[0]?.attributes).toMatchObject({ 'hooklane.hooks.matched': 1 });
    expect(delivered).toHaveLength(2);
    for (const span of delivered ?? []) expect(span).toMatchObject({ kind: 3, parentSpanId: fannedOut?.[0]?.spanId, process: process('delivery') });
    expect(delivered?.map(({ attributes, status }) => [attributes['hooklane.hook.id'], attributes['hooklane.attempt.number'], attributes['hooklane.outcome.class'], attributes['http.response.status_code'], status.code ?? 0])).toEqual([
      [hookId, 1, 'unavailable', 503, 2],
      [hookId, 2, 'success', 200, 0],
    ]);
    // The receiver goes on under the attempt that brought it the event.
    expect(requests.map(({ headers }) => headers['traceparent'])).toEqual(delivered?.map(({ spanId }) => `00-${publisher.traceId}-${spanId}-01`));
  });

  it('hands on the publisher\'s own traceparent where it is not sampled, and makes no span', async () => {
    await hook('/unsampled', 'unsampled');
    const publisher = publisherSpan('00');
    await must(platform, 'POST', '/v1/tenants/acme/events', { type: 'unsampled', data: 1 }, { traceparent: publisher.traceparent });
    await must(platform, 'POST', '/v1/tenants/acme/events', { type: 'unsampled', data: 2 });
    const requests = await receiver.waitFor(2, { path: '/unsampled' });
    expect(requests.map(({ headers }) => headers['traceparent'])).toEqual([publisher.traceparent, undefined]);
    const sampled = publisherSpan('01');
    await must(platform, 'POST', '/v1/tenants/acme/events', { type: 'nobody-wants-it', data: 3 }, { traceparent: sampled.traceparent });
    await spansOf(sampled.traceId, 2);
    expect(collector.spans.filter(({ traceId }) => traceId === publisher.traceId)).toEqual([]);
  });

  it('tells no secret', () => {
    expect(collector.text()).toContain('hooklane.hook.id');
    for (const secret of [SECRET_PATH, SECRET_HEADER, platform.adminKey]) expect(collector.text()).not.toContain(secret);
  });
});

function publisherSpan(flags: '00' | '01'): PublisherSpan {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}
