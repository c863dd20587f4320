import { describe, expect, it } from '@jest/globals';
import { addressDenial, allowedTargetProblem, isAddressDenied, isHostAllowed, literalAddressOf, targetPolicyOf } from './target-policy.js';

const strict = targetPolicyOf({ allowLoopback: false, allowedTargets: [] });

describe('target guard: what is denied by default', () => {
  it.each([
    '0.0.0.0', '127.0.0.1', '127.255.0.9', '10.0.0.1', '172.16.5.5', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '100.100.100.200', '224.0.0.1', '255.255.255.255',
    '192.0.0.192', '198.18.0.1', '240.0.0.1', '168.63.129.16', '::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', 'fec0::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:a9fe:a9fe',
    '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b:1::1', '2002:7f00:1::', '2002:0a00:0001::1', '2001::1', '2001:db8::1', '100::1', '4000::1', 'no address', '',
  ])('%s', (address) => expect(isAddressDenied(address, strict)).toBe(true));

  it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2002:0808:0808::1'])('not %s', (address) =>
    expect(addressDenial(address, strict)).toBeNull(),
  );
});

describe('target guard: what is allowed on top', () => {
  it('lets loopback through where the operator says so, and nothing else', () => {
    const policy = targetPolicyOf({ allowLoopback: true, allowedTargets: [] });
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1'].map((address) => isAddressDenied(address, policy))).toEqual([false, false, false]);
    expect(isAddressDenied('10.0.0.1', policy)).toBe(true);
  });

  it('lets ranges of the operator and of the tenant through, also embedded in IPv6', () => {
    const policy = targetPolicyOf({ allowLoopback: false, allowedTargets: ['10.1.0.0/16'] }, ['fd12::/32', '192.168.7.7']);
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd12::5', '192.168.7.7'].map((address) => isAddressDenied(address, policy))).toEqual([false, false, false, false]);
    expect(['10.2.0.1', 'fd13::5', '192.168.7.8'].map((address) => isAddressDenied(address, policy))).toEqual([true, true, true]);
  });

  it('lets names through, with a leading star for one label or more', () => {
    const policy = targetPolicyOf({ allowLoopback: false, allowedTargets: ['*.svc.cluster.local', 'Build.Internal'] });
    expect(['a.svc.cluster.local', 'a.b.SVC.cluster.local.', 'build.internal'].map((host) => isHostAllowed(host, policy))).toEqual([true, true, true]);
    expect(['svc.cluster.local', 'evilsvc.cluster.local', 'x.build.internal'].map((host) => isHostAllowed(host, policy))).toEqual([false, false, false]);
  });

  it('names an entry that is neither range, address nor name', () => {
    expect(['10.0.0.0/8', '::1', 'a.b', '*.a.b'].map(allowedTargetProblem)).toEqual([null, null, null, null]);
    expect(['10.0.0.0/40', '300.1.1.1', 'a b', 'http://a', '*', ''].map((entry) => allowedTargetProblem(entry) !== null)).toEqual([true, true, true, true, true, true]);
  });
});

describe('target guard: literals', () => {
  it.each([
    ['http://127.1/', '127.0.0.1'], ['http://0x7f.1/', '127.0.0.1'], ['http://2130706433/', '127.0.0.1'], ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'], ['http://localhost:8080/', '127.0.0.1'],
    ['http://a.localhost/', '127.0.0.1'], ['http://example.com/', null],
  ])('reads %s', (url, literal) => expect(literalAddressOf(new URL(url).hostname)).toBe(literal));
});
