import { describe, expect, it } from '@jest/globals';
import { DeliveryOutcome, HookChanged } from '@hooklane/contracts/topics';
import type { PeerCall } from '@hooklane/service-host';
import { loggedAttempt } from '../delivery-log/logged-attempt.js';
import { PeerReceivers } from './receivers.peer.js';

const outcome: DeliveryOutcome = { ...DeliveryOutcome.decode(new Uint8Array()), eventId: 'evt_1', hookId: 'hook_1' };

function receivers(): { readonly receivers: PeerReceivers; readonly calls: PeerCall[] } {
  const calls: PeerCall[] = [];
  const call = (asked: PeerCall): Promise<never> => {
    calls.push(asked);
    return Promise.resolve({ sent: { outcome: DeliveryOutcome.encode(outcome).finish(), partition: 2, offset: 9 } } as never);
  };
  return { receivers: new PeerReceivers({ call }), calls };
}

const sample = { type: 'a.b', project: 'prj_1', data: Buffer.from('{}') };
const who = { tenantId: 'acme', actor: 'user:usr_1' };
const hook: HookChanged = { ...HookChanged.decode(new Uint8Array()), hookId: 'hook_1', tenantId: 'acme' };

describe('requests to receivers, by the delivery service', () => {
  it.each([
    ['a test', (port: PeerReceivers) => port.test({ ...who, hookId: 'hook_1', sample }), 'TestReceiver', { hook: 'hook_1', sample }],
    ['a probe', (port: PeerReceivers) => port.probe({ ...who, hook, sample }), 'ProbeReceiver', { hook: HookChanged.encode(hook).finish(), sample }],
    [
      'a resend', (port: PeerReceivers) => port.resend({ ...who, attempt: { ...loggedAttempt(outcome, { partition: 0, offset: 0 }), requestBody: Buffer.from('sent'), requestHeaders: [{ name: 'A', value: 'b' }], eventType: 'a.b', project: 'p' } }),
      'ResendAttempt', { hook: 'hook_1', eventId: 'evt_1', eventType: 'a.b', project: 'p', headers: [{ name: 'A', value: 'b' }], body: Buffer.from('sent') },
    ],
  ] as const)('%s is asked for in the name of who causes it, and tells the outcome and its place', async (_, ask, method, request) => {
    const { receivers: port, calls } = receivers();
    expect(await ask(port)).toEqual({ outcome, place: { partition: 2, offset: 9 } });
    expect(calls).toEqual([{ peer: 'delivery', service: 'ReceiverService', method, request, for: who, timeoutMs: 65_000 }]);
  });
});
