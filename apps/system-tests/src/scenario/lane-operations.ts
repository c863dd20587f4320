import type { Operation, World } from './operation.js';

/** Needs `hook`, and `delivery`, which is one of that hook's and has its fate; makes a hook of its own for what is about enabling. */
const post = (operation: string, path: (ids: World['kept']) => string, body?: (ids: World['kept']) => object, headers?: Record<string, string>) => ({ tenant, kept }: World) => ({
  operation, method: 'POST', path: `/v1/tenants/${tenant}${path(kept)}`, ...(body ? { body: body(kept) } : {}), ...(headers ? { headers } : {}),
});
const grpc = (method: string, request: (ids: World['kept']) => Record<string, unknown>) => ({ tenant, kept }: World) => ({ method, request: { tenant, ...request(kept) } });
const lane = (command: string, hook = 'hook') => (ids: World['kept']): string => `/hooks/${ids[hook]}/lane/${command}`;
const ofHook = (more: (ids: World['kept']) => Record<string, unknown> = () => ({}), hook = 'hook') => (ids: World['kept']): Record<string, unknown> => ({ hook: ids[hook], ...more(ids) });
const theDelivery = ({ delivery }: World['kept']) => ({ deliveryId: delivery });
const once = { 'idempotency-key': 'hold-once' };

/** A delivery with the partition of `delivery`, of a hook that is not there. */
const foreign = ({ delivery = '' }: World['kept']) => ({ deliveryId: delivery.replace(/hook_\w+$/, 'hook_other') });

export const laneOperations: readonly Operation[] = [
  { title: 'hold a lane', rest: post('holdLane', lane('hold'), () => ({ reason: 'they move' }), once), grpc: grpc('LaneCommandService.HoldLane', ofHook(() => ({ reason: 'they move', idempotencyKey: 'hold-once' }))) },
  { title: 'hold it again with its Idempotency-Key', rest: post('holdLane', lane('hold'), () => ({ reason: 'they move' }), once), grpc: grpc('LaneCommandService.HoldLane', ofHook(() => ({ reason: 'they move', idempotencyKey: 'hold-once' }))) },
  { title: 'hold another lane with that Idempotency-Key', rest: post('holdLane', lane('hold', 'oldHook'), () => ({ reason: 'they move' }), once), grpc: grpc('LaneCommandService.HoldLane', ofHook(() => ({ reason: 'they move', idempotencyKey: 'hold-once' }), 'oldHook')), code: 'id-reused' },
  { title: 'release a lane', rest: post('releaseLane', lane('release')), grpc: grpc('LaneCommandService.ReleaseLane', ofHook()) },
  { title: 'release a lane that is not there', rest: post('releaseLane', () => '/hooks/hook_none/lane/release'), grpc: grpc('LaneCommandService.ReleaseLane', () => ({ hook: 'hook_none' })), code: 'not-found' },
  { title: 'retry now', rest: post('retryLaneNow', lane('retry-now')), grpc: grpc('LaneCommandService.RetryNow', ofHook()) },
  { title: 'retry one attempt of a delivery now', rest: post('retryLaneNow', lane('retry-now'), (ids) => ({ ...theDelivery(ids), attempt: 2, reason: 'back' })), grpc: grpc('LaneCommandService.RetryNow', ofHook((ids) => ({ ...theDelivery(ids), attempt: 2, reason: 'back' }))) },
  { title: 'retry an attempt of no delivery', rest: post('retryLaneNow', lane('retry-now'), () => ({ attempt: 2 })), grpc: grpc('LaneCommandService.RetryNow', ofHook(() => ({ attempt: 2 }))), code: 'invalid-request' },
  { title: 'skip the head', rest: post('skipLaneHead', lane('skip-head'), theDelivery), grpc: grpc('LaneCommandService.SkipHead', ofHook(theDelivery)) },
  { title: 'skip no delivery', rest: post('skipLaneHead', lane('skip-head')), grpc: grpc('LaneCommandService.SkipHead', ofHook()), code: 'invalid-request' },
  { title: 'skip the delivery of another hook', rest: post('skipLaneHead', lane('skip-head'), foreign), grpc: grpc('LaneCommandService.SkipHead', ofHook(foreign)), code: 'invalid-command' },
  { title: 'end a catch-up that never began', rest: post('releaseLaneCatchUp', lane('release-catch-up')), grpc: grpc('LaneCommandService.ReleaseCatchUp', ofHook()), code: 'invalid-state' },
  {
    title: 'make a hook that is disabled',
    rest: ({ tenant, target }) => ({ operation: 'createHook', method: 'POST', path: `/v1/tenants/${tenant}/hooks`, body: { name: 'late', url: target, eventTypes: ['late'], enabled: false, order: 'none', concurrency: 2, rateLimit: { perSecond: 0.5 }, catchUp: 'missed' } }),
    grpc: ({ tenant, target }) => ({ method: 'HookService.CreateHook', request: { tenant, hook: { name: 'late', url: target, eventTypes: ['late'], enabled: false, order: 'none', concurrency: 2, rateLimit: { perSecond: 0.5 }, catchUp: 'missed' } } }),
    keep: [['lateHook', 'id']],
  },
  { title: 'retry now for a disabled hook', rest: post('retryLaneNow', lane('retry-now', 'lateHook')), grpc: grpc('LaneCommandService.RetryNow', ofHook(undefined, 'lateHook')), code: 'invalid-state' },
  { title: 'enable it with a catch-up that is none', rest: post('enableHook', ({ lateHook }) => `/hooks/${lateHook}/enable`, () => ({ catchUp: 'all' })), grpc: grpc('HookService.EnableHook', ({ lateHook }) => ({ id: lateHook, catchUp: 'all' })), code: 'invalid-request' },
  { title: 'enable it with what it missed', rest: post('enableHook', ({ lateHook }) => `/hooks/${lateHook}/enable`, () => ({ catchUp: 'missed', reason: 'on' })), grpc: grpc('HookService.EnableHook', ({ lateHook }) => ({ id: lateHook, catchUp: 'missed', reason: 'on' })) },
  { title: 'end its catch-up', rest: post('releaseLaneCatchUp', lane('release-catch-up', 'lateHook'), () => ({ reason: 'enough' })), grpc: grpc('LaneCommandService.ReleaseCatchUp', ofHook(() => ({ reason: 'enough' }), 'lateHook')) },
  {
    title: 'read what its lane was told',
    rest: ({ tenant, kept }) => ({ operation: 'readHookHistory', method: 'GET', path: `/v1/tenants/${tenant}/hooks/${kept['lateHook']}/history` }),
    grpc: grpc('HookService.ListHookHistory', ({ lateHook }) => ({ id: lateHook })),
  },
];
