import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { behaviours, startReceiver, type Receiver } from './receiver.js';

describe('startReceiver', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());

  const post = (path: string, body = 'x'): Promise<Response> => fetch(receiver.url(path), { method: 'POST', body });

  it('records requests whole and in the order in which they were complete', async () => {
    await post('/a?q=1', 'first');
    await post('/b', 'second');
    expect(receiver.requests.map(({ method, path, body }) => [method, path, body.toString()])).toEqual([['POST', '/a?q=1', 'first'], ['POST', '/b', 'second']]);
    expect(receiver.to('/a')).toHaveLength(1);
  });

  it('records what it answered, and nothing where no whole answer went out', async () => {
    receiver.on('/refused', behaviours.status(503));
    receiver.on('/cut', behaviours.reset(true));
    await post('/refused');
    await post('/cut').then((answer) => answer.text()).catch(() => undefined);
    expect(receiver.requests.map(({ answer }) => answer?.status)).toEqual([503, undefined]);
  });

  it('answers as told: in turn, failing first, with headers and a body', async () => {
    receiver.on('/flap', behaviours.flap(500, 204));
    receiver.on('/mend', behaviours.failFirst(2, 503));
    receiver.on('/told', behaviours.status(429, { headers: { 'retry-after': '7' }, body: 'slow down' }));
    const statuses = async (path: string): Promise<number[]> => [(await post(path)).status, (await post(path)).status, (await post(path)).status];
    expect(await statuses('/flap')).toEqual([500, 204, 500]);
    expect(await statuses('/mend')).toEqual([503, 503, 200]);
    const told = await post('/told');
    expect([told.headers.get('retry-after'), await told.text()]).toEqual(['7', 'slow down']);
  });

  it('waits for requests and says how many came when they do not', async () => {
    const waiting = receiver.waitFor(2, { path: '/a' });
    await Promise.all([post('/a'), post('/b'), post('/a')]);
    expect(await waiting).toHaveLength(2);
    await expect(receiver.waitFor(5, { withinMs: 20 })).rejects.toThrow('and 3 came');
  });

  it('hangs, drips and cuts', async () => {
    receiver.on('/hang', behaviours.hang());
    receiver.on('/drip', behaviours.drip(5, 4));
    receiver.on('/reset', behaviours.reset());
    receiver.on('/cut', behaviours.reset(true));
    const hanging = post('/hang').catch(() => 'cut off');
    expect(await (await post('/drip')).text()).toBe('....');
    await expect(post('/reset')).rejects.toThrow();
    await expect(post('/cut').then((answer) => answer.text())).rejects.toThrow();
    expect(receiver.open('/hang')).toEqual({ now: 1, most: 1 });
    await receiver.stop();
    expect(await hanging).toBe('cut off');
  });

  it('floods no faster than it is read', async () => {
    receiver.on('/flood', behaviours.flood(3_000_000));
    expect((await (await post('/flood')).arrayBuffer()).byteLength).toBe(3_000_000);
  });
});
