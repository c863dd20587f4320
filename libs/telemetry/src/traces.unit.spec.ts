import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { noTraces, otlpTraces, parseTraceparent } from './traces.js';

const SAMPLED = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('traces', () => {
  it.each(['', 'x', SAMPLED.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32))])('knows that %p is no traceparent', (text) => {
    expect(parseTraceparent(text)).toBeNull();
  });

  it('makes nothing without a collector', () => {
    expect(noTraces.begin('x', SAMPLED)).toBeNull();
  });

  it('sends a child of a sampled trace to the collector, and nothing for one that is not sampled', async () => {
    const bodies: string[] = [];
    const collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        bodies.push(`${request.url} ${Buffer.concat(chunks).toString()}`);
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const traces = await otlpTraces(`http://127.0.0.1:${(collector.address() as AddressInfo).port}`, 'delivery', '1');
    expect(traces.begin('attempt', SAMPLED.replace(/01$/, '00'))).toBeNull();
    const span = traces.begin('attempt', SAMPLED)!;
    expect(span.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/);
    span.end({ status: 500 }, 'failed');
    await traces.close();
    await new Promise((resolve) => collector.close(resolve));
    expect(bodies).toHaveLength(1);
    expect(bodies[0]).toContain('/v1/traces');
    expect(bodies[0]).toContain('"attempt"');
  });
});
