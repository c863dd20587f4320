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

  it('reads each child of a collected gauge', async () => {
    const metrics = prometheusMetrics();
    const gauge = metrics.of('all-in-one').gauge('load_fullness', 'help', ['source']);
    for (const [source, value] of [['fanout', 0.5], ['log-query', 2]] as const) gauge.collect(() => value, source);
    const text = await metrics.text();
    expect(text).toContain('hooklane_load_fullness{service="all-in-one",source="fanout"} 0.5');
    expect(text).toContain('hooklane_load_fullness{service="all-in-one",source="log-query"} 2');
  });

  it('observes seconds', async () => {
    const metrics = prometheusMetrics();
    metrics.of('delivery').histogram('delivery_duration_seconds', 'help').observe(0.002);
    expect(await metrics.text()).toContain('hooklane_delivery_duration_seconds_bucket{le="0.0025",service="delivery"} 1');
  });

  it('adds what was counted since the last reading, once', async () => {
    const metrics = prometheusMetrics();
    const results = metrics.of('ingest').counter('ingest_total', 'help', ['result']);
    results.labels('accepted').inc(2);
    results.labels('refused');
    expect(await metrics.text()).toContain('hooklane_ingest_total{service="ingest",result="accepted"} 2');
    results.labels('accepted').inc();
    const text = await metrics.text();
    expect(text).toContain('hooklane_ingest_total{service="ingest",result="accepted"} 3');
    // Known from the start, so that the first one is seen as an increase.
    expect(text).toContain('hooklane_ingest_total{service="ingest",result="refused"} 0');
  });

  it('shows of a histogram every bound with what is at or below it, the sum and the count', async () => {
    const metrics = prometheusMetrics();
    const seconds = metrics.of('delivery').histogram('attempt_seconds', 'help', ['class'], [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) seconds.labels('success').observe(value);
    const text = await metrics.text();
    expect(text).toContain('# TYPE hooklane_attempt_seconds histogram');
    expect(text.split('\n').filter((line) => line.startsWith('hooklane_attempt_seconds'))).toEqual([
      'hooklane_attempt_seconds_bucket{le="0.1",service="delivery",class="success"} 2',
      'hooklane_attempt_seconds_bucket{le="1",service="delivery",class="success"} 3',
      'hooklane_attempt_seconds_bucket{le="+Inf",service="delivery",class="success"} 4',
      'hooklane_attempt_seconds_sum{service="delivery",class="success"} 7.65',
      'hooklane_attempt_seconds_count{service="delivery",class="success"} 4',
    ]);
  });
});
