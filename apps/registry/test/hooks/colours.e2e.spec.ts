import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryOutcome, Topics, type AttemptResult } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

const attempt = (outcomeClass: string, status: number): AttemptResult => ({
  attemptId: 'att_1', number: 1, startedAtMs: 1, connectUs: 0, firstByteUs: 0, totalUs: 1, outcomeClass, errorCode: outcomeClass === 'success' ? '' : `status-${status}`,
  errorSentence: outcomeClass === 'success' ? '' : `The receiver answered ${status}.`, status, requestUrl: '', requestHeaders: [], requestBody: Buffer.alloc(0), requestBodyIsEventData: true, responseHeaders: [], responseBody: Buffer.alloc(0), responseBodyCut: false,
});

describe('a hook\'s colour', () => {
  let registry: RegistryUnderTest;
  let sequence = 0;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.tenant('acme');
  });
  afterAll(() => registry.stop());

  async function outcome(hookId: string, fields: Partial<DeliveryOutcome>): Promise<void> {
    const { log } = registry.context;
    const value = DeliveryOutcome.encode({ ...DeliveryOutcome.decode(new Uint8Array()), tenantId: 'acme', hookId, eventId: 'evt_1', ownerEpoch: 1, ownerSequence: (sequence += 1), enabledEpoch: 1, trigger: 'event', atMs: 1_700_000_000_000 + sequence, ...fields }).finish();
    await log.append([{ topic: Topics.deliveryOutcomes, partition: partitionOf(hookId, log.partitionsOf(Topics.deliveriesRequested)), key: hookId, value }]);
  }

  async function until(hookId: string, condition: (hook: { colour: string; enabled: boolean; failureCount: number; lastSuccessAt: string | null }) => boolean): Promise<Record<string, unknown>> {
    for (const end = Date.now() + 30_000; ; ) {
      const { body } = await registry.call('GET', `/v1/tenants/acme/hooks/${hookId}`);
      if (condition(body)) return body;
      if (Date.now() > end) throw new Error(`still ${JSON.stringify(body)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('goes orange with a failure and green with the next success, and health never changes the ETag', async () => {
    const hook = await registry.hook('acme');
    await outcome(hook.id, { attempt: attempt('unavailable', 503), streak: 1 });
    const orange = await until(hook.id, ({ colour }) => colour === 'orange');
    expect(orange).toMatchObject({ failureCount: 1, lastError: { code: 'status-503', message: 'The receiver answered 503.', status: 503 }, version: 1 });
    await outcome(hook.id, { attempt: attempt('success', 200), streak: 0 });
    const green = await until(hook.id, ({ colour }) => colour === 'green');
    expect(green).toMatchObject({ failureCount: 0, version: 1, lastSuccessAt: expect.any(String) });
    const { headers } = await registry.call('GET', `/v1/tenants/acme/hooks/${hook.id}`);
    expect(headers.get('etag')).toBe('"1"');
  });

  it('ignores what an older owner says late, and attempts that bypass the lane', async () => {
    const hook = await registry.hook('acme');
    await outcome(hook.id, { attempt: attempt('success', 200), ownerEpoch: 5 });
    await until(hook.id, ({ lastSuccessAt }) => lastSuccessAt !== null);
    await outcome(hook.id, { attempt: attempt('rejected', 400), ownerEpoch: 4, streak: 1 });
    await outcome(hook.id, { attempt: attempt('rejected', 400), ownerEpoch: 5, streak: 1, trigger: 'test' });
    await outcome(hook.id, { attempt: attempt('unavailable', 500), ownerEpoch: 5, streak: 1 });
    expect(await until(hook.id, ({ colour }) => colour === 'orange')).toMatchObject({ failureCount: 1, lastError: { code: 'status-500' } });
  });

  it('disables the hook on a verdict of its epoch and policy, says why in its history, and starts anew when it is enabled again', async () => {
    const hook = await registry.hook('acme', { disablePolicy: { limit: 3 } });
    await outcome(hook.id, { attempt: attempt('unavailable', 503), streak: 3, verdict: { enabledEpoch: 1, policyVersion: 1, count: 3, reason: 'failure-limit' } });
    const gray = await until(hook.id, ({ enabled }) => !enabled);
    expect(gray).toMatchObject({ colour: 'gray', disabledReason: 'failure-limit', version: 2 });
    await until(hook.id, ({ failureCount }) => failureCount === 3);
    const { body: history } = await registry.call('GET', `/v1/tenants/acme/hooks/${hook.id}/history`);
    expect(history.items[1]).toMatchObject({ type: 'HookDisabled', actor: 'system:delivery', reason: expect.stringContaining('3 failing attempts'), difference: expect.arrayContaining([{ field: 'enabled', before: true, after: false }]) });
    const { body: enabled } = await registry.call('POST', `/v1/tenants/acme/hooks/${hook.id}/enable`);
    expect(enabled).toMatchObject({ enabled: true, colour: 'green', failureCount: 0 });
    // The same verdict once more, late: it was overtaken.
    await outcome(hook.id, { attempt: attempt('unavailable', 503), streak: 3, verdict: { enabledEpoch: 1, policyVersion: 1, count: 3, reason: 'failure-limit' } });
    await outcome(hook.id, { attempt: attempt('success', 200), enabledEpoch: 2 });
    expect(await until(hook.id, ({ lastSuccessAt }) => lastSuccessAt !== null)).toMatchObject({ enabled: true, version: 3 });
    expect(registry.context.directory.hook(hook.id)).toMatchObject({ enabledEpoch: 2, version: 3, enabled: true });
  });

  it('disables a hook whose receiver is gone, whatever its limit is; a verdict by an older policy is ignored', async () => {
    const hook = await registry.hook('acme', { disablePolicy: { limit: 3 } });
    await registry.call('PATCH', `/v1/tenants/acme/hooks/${hook.id}`, { body: { disablePolicy: { limit: 0, count: 'total' } } });
    const verdict = (policyVersion: number, reason: string) => ({ attempt: attempt('rejected', 410), streak: 3, verdict: { enabledEpoch: 1, policyVersion, count: 3, reason } });
    await outcome(hook.id, verdict(1, 'failure-limit'));
    await outcome(hook.id, verdict(1, 'gone'));
    await until(hook.id, ({ failureCount }) => failureCount === 3);
    expect((await registry.call('GET', `/v1/tenants/acme/hooks/${hook.id}`)).body).toMatchObject({ enabled: true, version: 2 });
    await outcome(hook.id, verdict(2, 'gone'));
    expect(await until(hook.id, ({ enabled }) => !enabled)).toMatchObject({ disabledReason: 'gone', version: 3 });
    // Once: the owner repeats it until it is answered.
    await outcome(hook.id, verdict(2, 'gone'));
    await outcome(hook.id, { attempt: attempt('success', 200) });
    await until(hook.id, ({ lastSuccessAt }) => lastSuccessAt !== null);
    const { body: history } = await registry.call('GET', `/v1/tenants/acme/hooks/${hook.id}/history`);
    expect(history.items.map(({ type, reason }: { type: string; reason: string }) => [type, reason])).toEqual([['HookCreated', ''], ['HookConfigured', ''], ['HookDisabled', 'The receiver answered 410 Gone.']]);
  });
});
