import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { Logger } from './logger.js';
import { otlpTraces, parseTraceparent, type SpanStart } from './traces.js';

const START: SpanStart = { kind: 'client', attributes: { 'hooklane.attempt.number': 2 } };
const SAMPLED = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('traces', () => {
  it.each(['', 'x', SAMPLED.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32))])('knows that %p is no traceparent', (text) => {
    expect(parseTraceparent(text)).toBeNull();
  });

  it('sends a child of a sampled trace to the collector, and nothing for one that is not sampled', async () => {
    const bodies: string[] = [];
    const said: string[] = [];
    const collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        bodies.push(`${request.url} ${Buffer.concat(chunks).toString()}`);
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const open = await otlpTraces(address, 'all-in-one', '1', listening(said));
    const traces = open.of('delivery');
    expect(traces.begin('attempt', SAMPLED.replace(/01$/, '00'), START)).toBeNull();
    expect(traces.begin('attempt', '', START)).toBeNull();
    const span = traces.begin('attempt', SAMPLED, START)!;
    expect(span.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/);
    span.end({ 'http.response.status_code': 500 }, 'status-500');
    await open.close();
    await new Promise((resolve) => collector.close(resolve));
    expect(bodies).toHaveLength(1);
    expect(bodies[0]).toContain('/v1/traces');
    for (const part of ['"attempt"', '"hooklane/delivery"', '"all-in-one"', '"status-500"', '"kind":3']) expect(bodies[0]).toContain(part);
    expect(said).toEqual([]);
  });

  it('says that the collector cannot be reached', async () => {
    const said: string[] = [];
    const open = await otlpTraces('http://127.0.0.1:9', 'delivery', '1', listening(said));
    open.of('delivery').begin('attempt', SAMPLED, START)!.end();
    await open.close();
    expect(said).toEqual([expect.stringContaining('do not reach the collector')]);
  });
});

function listening(said: string[]): Logger {
  const listen = (text: string): void => void said.push(text);
  const logger: Logger = { debug: listen, info: listen, warn: listen, error: listen, with: () => logger };
  return logger;
}
