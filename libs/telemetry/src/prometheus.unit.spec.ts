import { describe, expect, it } from '@jest/globals';
import { prometheusMetrics } from './prometheus.js';

describe('prometheusMetrics', () => {
  it('tells services of one process apart by their label', async () => {
    const metrics = prometheusMetrics();
    metrics.of('ingest').counter('ingest_total', 'help', ['result']).labels('accepted').inc(2);
    metrics.of('fanout').counter('ingest_total', 'help', ['result']).labels('accepted').inc();
    const text = await metrics.text();
    expect(text).toContain('hooklane_ingest_total{service="ingest",result="accepted"} 2');
    expect(text).toContain('hooklane_ingest_total{service="fanout",result="accepted"} 1');
  });

  it('reads collected gauges when asked', async () => {
    const metrics = prometheusMetrics();
    let value = 1;
    metrics.of('delivery').gauge('parked', 'help').collect(() => value);
    value = 7;
    expect(await metrics.text()).toContain('hooklane_parked{service="delivery"} 7');
  });

  it('observes seconds', async () => {
    const metrics = prometheusMetrics();
    metrics.of('delivery').histogram('delivery_duration_seconds', 'help').observe(0.002);
    expect(await metrics.text()).toContain('hooklane_delivery_duration_seconds_bucket{le="0.0025",service="delivery"} 1');
  });
});
