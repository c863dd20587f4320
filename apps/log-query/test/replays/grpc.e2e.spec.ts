import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { grpcService, type GrpcAnswered } from '@hooklane/service-host/testing';
import { KEY, OTHER_KEY, START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';
import { delivery, REPLAY_KEY } from '../support/replayed.js';

const PATH = '/v1/tenants/acme/replays';
let log: LogUnderTest;
const selection = { from: new Date(Date.now() - 60_000).toISOString(), hookIds: ['hook_1'] };

beforeAll(async () => {
  log = await startLog();
  await log.key(REPLAY_KEY, { scopes: ['replay', 'log:read'] });
  await log.hook({ hookId: 'hook_1' });
  for (let index = 0; index < 3; index += 1) await delivery(log, `evt_${index}`, 'exhausted');
  await log.until('/v1/tenants/acme/deliveries?fate=exhausted', ({ body }) => body.items.length === 3);
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

const call = (method: string, request: object, key = REPLAY_KEY): Promise<GrpcAnswered> => grpcService(log.service.grpcPort ?? 0, 'ReplayService').call(method, { tenant: 'acme', ...request }, key);

describe('hooklane.v1.ReplayService', () => {
  it('previews, makes, shows, pauses, resumes and cancels what REST shows too', async () => {
    expect((await call('previewReplay', { selection })).answer).toMatchObject({ count: 3, atLeast: false });
    const { answer } = await call('createReplay', { selection, ratePerSecond: 1, reason: 'why not', idempotencyKey: 'k1' });
    const { id } = answer?.replay as { id: string };
    expect(answer).toMatchObject({ replay: { kind: 'replay', reason: 'why not', ratePerSecond: 1, selection: { hookIds: ['hook_1'], alsoSuperseded: false } } });
    expect((await call('createReplay', { selection, ratePerSecond: 1, reason: 'why not', idempotencyKey: 'k1' })).answer).toMatchObject({ replay: { id } });
    expect((await log.get(PATH, REPLAY_KEY)).body.items).toHaveLength(1);
    await log.until(`${PATH}/${id}`, ({ body }) => body.state === 'running', REPLAY_KEY);
    expect((await call('pauseReplay', { id, reason: 'lunch' })).answer).toMatchObject({ replay: { state: 'paused', changeReason: 'lunch' } });
    expect((await call('resumeReplay', { id })).answer).toMatchObject({ replay: { state: 'running' } });
    expect((await call('cancelReplay', { id, reason: 'enough' })).answer).toMatchObject({ replay: { state: 'cancelled', changeReason: 'enough' } });
    const rest = (await log.until(`${PATH}/${id}`, ({ body }) => body.state === 'cancelled', REPLAY_KEY)).body;
    expect((await call('getReplay', { id })).answer).toMatchObject({ replay: { state: rest.state, selected: rest.selected, produced: rest.produced, changedBy: rest.changedBy, fates: { pending: rest.fates.pending } } });
    expect((await call('listReplays', { state: 'cancelled' })).answer).toMatchObject({ items: [{ id }], next: '' });
    expect((await call('listReplays', { state: 'done' })).answer).toMatchObject({ items: [] });
  });

  it('says what REST says about what cannot be', async () => {
    const codes = await Promise.all([
      call('createReplay', {}),
      call('createReplay', { selection: { ...selection, hookIds: ['hook_9'] } }),
      call('getReplay', { id: 'rpl_0' }),
      call('listReplays', { cursor: 'x' }),
      call('listReplays', {}, KEY),
      call('listReplays', {}, OTHER_KEY),
      call('listReplays', {}, ''),
    ]);
    expect(codes.map(({ error }) => error?.code)).toEqual([3, 3, 5, 3, 7, 5, 16]);
    const { id } = (await log.get(PATH, REPLAY_KEY)).body.items[0];
    expect((await call('resumeReplay', { id })).error?.code).toBe(9);
  });
});
