import { beforeEach, describe, expect, it } from '@jest/globals';
import { dialectOf, nativeDialect } from '@hooklane/dialects';
import type { AttemptResult, HookChanged } from '@hooklane/contracts/topics';
import type { AppError } from '@hooklane/kernel';
import { shopDialect } from '../../test/shop-dialect.js';
import { askReceiver } from './ask-receiver.js';
import { defaultDraft } from './hook-draft.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';
import type { HookState } from './hook-state.js';

const asking = () => ({ ...shopDialect, probes: true });
const request = { tenantId: 'acme', meta: { actor: 'key:1', atMs: 7, reason: '', requestId: 'r' }, idempotencyKey: null, fingerprint: '', ifMatch: null };
const create = (enabled: boolean): HookCommand => ({
  kind: 'create',
  hook: { tenantId: 'acme', hookId: 'hook_1', dialect: 'native', origin: 'api', enabled, config: { ...defaultDraft(nativeDialect.defaults).config, name: 'n', eventTypes: ['order.lost'] }, signing: [], sealedSecrets: 'c2VhbGVk', atMs: 7 },
});
const made = (command: HookCommand): HookState => hookAggregate.decide(command, hookAggregate.initial()).reduce(hookAggregate.evolve, hookAggregate.initial());

describe('asking the receiver before a hook begins to send', () => {
  const probed: { hook: HookChanged; sample: { type: string } }[] = [];
  let attempt: Partial<AttemptResult> = {};
  let stored: HookState | null = null;
  const registry = {
    reads: { find: async () => stored && { id: 'hook_1', state: stored, version: 3 } },
    receivers: { probe: async (call: (typeof probed)[number]) => (probed.push(call), { outcome: { attempt }, place: { partition: 0, offset: 0 } }) },
  } as never;
  const ask = (command: HookCommand, dialectFor: Parameters<typeof askReceiver>[4] = asking) => askReceiver(registry, request, 'hook_1', () => command, dialectFor);
  beforeEach(() => {
    probed.length = 0;
    attempt = { outcomeClass: 'success' };
    stored = null;
  });

  it('asks nobody where the dialect does not', async () => {
    await ask(create(true), dialectOf);
    expect(probed).toEqual([]);
  });

  it('asks with the hook as it would be, once it would send, and with the product\'s sample', async () => {
    await ask(create(false));
    expect(probed).toEqual([]);
    await ask(create(true));
    expect(probed).toMatchObject([{ hook: { hookId: 'hook_1', enabled: true, sealedSecrets: Buffer.from('sealed') }, sample: { type: 'ping' } }]);
    stored = made(create(false));
    await ask({ kind: 'enable', catchUp: null, atMs: 8 });
    expect(probed[1]).toMatchObject({ hook: { enabled: true, enabledEpoch: 1 } });
    stored = made(create(true));
    await ask({ kind: 'enable', catchUp: null, atMs: 8 });
    expect(probed).toHaveLength(2);
  });

  it('refuses with what was answered', async () => {
    attempt = { outcomeClass: 'rejected', errorCode: 'unexpected-body', errorSentence: 'No.', status: 200, responseBody: Buffer.from('hello') };
    const error = await ask(create(true)).catch((thrown: AppError) => thrown);
    expect(error).toMatchObject({ code: 'receiver-refused', details: { errors: [{ pointer: '/url', message: 'No.' }], errorCode: 'unexpected-body', status: 200, answer: 'hello' } });
  });
});
