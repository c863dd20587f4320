import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { Arrival } from './arrival.js';
import { InboxStore } from './inbox-store.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const now = new Date();

function signed(body: string, secret = SECRET): Arrival {
  const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': String(Math.floor(now.getTime() / 1000)), 'webhook-signature': new Webhook(secret).sign('evt_1', now, body) };
  return { method: 'POST', headers, body: Buffer.from(body) };
}

const store = (secrets: readonly string[] = []): InboxStore => new InboxStore(() => secrets);

describe('InboxStore', () => {
  it('says whether the signature is right by the secret it was told', () => {
    const inbox = store();
    inbox.settle('a', { secrets: [SECRET] });
    inbox.receive('a', signed('{"n":1}'), now);
    inbox.receive('a', { ...signed('{"n":1}'), body: Buffer.from('{"n":2}') }, now);
    inbox.receive('a', { method: 'POST', headers: {}, body: Buffer.from('x') }, now);
    expect(inbox.show('a', 10).messages.map(({ signatureVerified }) => signatureVerified)).toEqual([false, false, true]);
  });

  it('knows the secrets of the hooks that point at it', () => {
    const inbox = store([`whsec_${Buffer.alloc(32, 1).toString('base64')}`, SECRET]);
    inbox.receive('a', signed('not json'), now);
    expect(inbox.show('a', 1).messages[0]).toMatchObject({ signatureVerified: true, body: 'not json', bodyBytes: 8, answeredStatus: 200 });
  });

  it('does not claim what it cannot know', () => {
    const inbox = store();
    inbox.receive('a', signed('{}'), now);
    expect(inbox.show('a', 1).messages[0]?.signatureVerified).toBeNull();
  });

  it('fails as often as it was told to', () => {
    const inbox = store();
    inbox.settle('a', { behaviour: { status: 503, delayMs: 5, times: 2 } });
    expect([1, 2, 3].map(() => inbox.receive('a', signed('{}'), now).status)).toEqual([503, 503, 200]);
  });

  it('keeps the newest hundred messages of the hundred inboxes used last', () => {
    const inbox = store();
    for (let index = 0; index < 150; index += 1) inbox.receive('a', signed(`{"n":${index}}`), now);
    const { total, messages } = inbox.show('a', 1_000);
    expect([total, messages.length, messages[0]?.body]).toEqual([150, 100, '{"n":149}']);
    for (let index = 0; index < 100; index += 1) inbox.receive(`other-${index}`, signed('{}'), now);
    expect(inbox.show('a', 1).total).toBe(0);
  });
});
