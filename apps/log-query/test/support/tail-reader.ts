import { expect } from '@jest/globals';
import { KEY, type LogUnderTest } from './log-service.js';

export interface Frame {
  readonly id: string;
  readonly event?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data?: any;
}

export interface TailReader {
  next(): Promise<Frame>;
  /** Frames with data, up to `count`. */
  items(count: number): Promise<Frame[]>;
  breakOff(): void;
}

/** Follows the live log of the tenant acme by server-sent events. */
export async function readTail(log: LogUnderTest, query = '', lastEventId?: string, key = KEY): Promise<TailReader> {
  const aborting = new AbortController();
  const headers = { authorization: `Bearer ${key}`, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) };
  const response = await fetch(`${log.url}/v1/tenants/acme/tail${query}`, { headers, signal: aborting.signal });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  const frames = framesOf(response.body as ReadableStream<Uint8Array>);
  const next = async (): Promise<Frame> => {
    const { value, done } = await frames.next();
    if (done) throw new Error('the stream has ended');
    return value;
  };
  return {
    next,
    async items(count) {
      const items: Frame[] = [];
      while (items.length < count) {
        const frame = await next();
        if (frame.event !== undefined) items.push(frame);
      }
      return items;
    },
    breakOff: () => aborting.abort(),
  };
}

async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  let text = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = new Map(text.slice(0, end).split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)] as const));
      text = text.slice(end + 2);
      const data = fields.get('data');
      yield { id: fields.get('id') ?? '', ...(fields.has('event') ? { event: fields.get('event') as string, data: JSON.parse(data ?? 'null') } : {}) };
    }
  }
}
