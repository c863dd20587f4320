import { describe, expect, it } from '@jest/globals';
import { remoteAddresses } from './remote-address.js';

describe('who calls', () => {
  const of = remoteAddresses(['10.0.0.0/8', 'fd00::/8', '192.0.2.1']);

  it.each([
    ['the connection, where nobody of ours is between', '203.0.113.1', '1.2.3.4', '203.0.113.1'],
    ['what our proxy says last', '10.1.2.3', '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['what the first of our proxies says', '::ffff:10.1.2.3', '6.6.6.6, 203.0.113.9, 192.0.2.1', '203.0.113.9'],
    ['our proxy, where it says nothing', '10.1.2.3', undefined, '10.1.2.3'],
    ['our proxy, where it says nonsense', '10.1.2.3', '6.6.6.6, unknown', '10.1.2.3'],
    ['an IPv6 address', 'fd00::1', '2001:db8::7', '2001:db8::7'],
    ['nobody, of a socket that is gone', '', '1.2.3.4', ''],
  ])('is %s', (_what, peer, forwardedFor, expected) => {
    expect(of(peer, forwardedFor)).toBe(expected);
  });

  it.each(['proxy.internal', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129', '10.0.0.0/x'])('is not asked of "%s", which is no range', (entry) => {
    expect(() => remoteAddresses([entry])).toThrow(/EVENT_INGEST_TRUSTED_PROXIES/);
  });
});
