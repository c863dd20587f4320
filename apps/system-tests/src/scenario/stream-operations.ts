import type { GrpcRequest, Operation, RestRequest, World } from './operation.js';

const EVENT = { type: 'order.paid', data: { amount: 7 }, project: 'shop', orderingKey: 'k', attributes: { region: 'eu' }, occurredAt: '2026-01-02T03:04:05Z' };
const path = (text: string) => (world: World): string => `/v1/tenants/${world.tenant}${text.replace(/\{(\w+)\}/g, (_whole, name: string) => world.kept[name] ?? name)}`;
const get = (operation: string, text: string) => (world: World): RestRequest => ({ operation, method: 'GET', path: path(text)(world) });
const post = (operation: string, text: string, body: unknown, headers: Record<string, string> = {}) => (world: World): RestRequest => ({ operation, method: 'POST', path: path(text)(world), body, headers });
const grpc = (method: string, request: (world: World) => Record<string, unknown> = () => ({})) => (world: World): GrpcRequest => ({ method, request: { tenant: world.tenant, ...request(world) } });
const message = ({ data, ...event }: { data: unknown; [member: string]: unknown }): object => ({ ...event, data: Buffer.from(JSON.stringify(data)) });
const kept = (name: string) => ({ kept: ids }: World): Record<string, string> => ({ id: ids[name] ?? '' });
const refused = (title: string, event: { data: unknown; [member: string]: unknown }, code: string): Operation => ({ title, rest: post('publishEvent', '/events', event), grpc: grpc('EventService.Publish', () => ({ event: message(event) })), code });

const publishing: Operation[] = [
  { title: 'publish an event', rest: post('publishEvent', '/events', EVENT, { 'idempotency-key': 'first' }), grpc: grpc('EventService.Publish', () => ({ event: message(EVENT), idempotencyKey: 'first' })), keep: [['event', 'id']] },
  { title: 'publish it again', rest: post('publishEvent', '/events', EVENT, { 'idempotency-key': 'first' }), grpc: grpc('EventService.Publish', () => ({ event: message(EVENT), idempotencyKey: 'first' })) },
  { title: 'publish an event with an id', rest: post('publishEvent', '/events', { id: 'mine', type: 'quiet', data: 1 }), grpc: grpc('EventService.Publish', () => ({ event: message({ id: 'mine', type: 'quiet', data: 1 }) })) },
  refused('publish another event with that id', { id: 'mine', type: 'quiet', data: 2 }, 'id-reused'),
  refused('publish an event without a type', { type: '', data: 1 }, 'invalid-request'),
  refused('publish an event with a header break in it', { type: 'quiet', orderingKey: 'a\r\nb', data: 1 }, 'invalid-request'),
  refused('publish against the schema of the type', { type: 'order.paid', data: {} }, 'schema-violation'),
  refused('publish too much', { type: 'quiet', data: 'x'.repeat(262_144) }, 'too-large'),
  { title: 'publish what is no JSON', rest: post('publishEvent', '/events', '{"type":"quiet","data":{]}'), grpc: grpc('EventService.Publish', () => ({ event: { type: 'quiet', data: Buffer.from('{]') } })), code: 'malformed-json' },
  { title: 'publish for a tenant that is not there', rest: () => ({ operation: 'publishEvent', method: 'POST', path: '/v1/tenants/nobody/events', body: EVENT }), grpc: grpc('EventService.Publish', () => ({ tenant: 'nobody', event: message(EVENT) })), code: 'not-found' },
  {
    title: 'publish a batch in which one event is bad',
    rest: post('publishEvents', '/events:batch', { events: [{ type: 'quiet', data: 1 }, { type: 'order.paid', data: {} }, { type: 'quiet', data: 2 }] }),
    grpc: grpc('EventService.PublishBatch', () => ({ events: [{ type: 'quiet', data: 1 }, { type: 'order.paid', data: {} }, { type: 'quiet', data: 2 }].map(message) })),
    ofRest: ({ results }) => ({
      results: (results as { status: number; problem?: { code: string; detail: string; pointer?: string } }[]).map(({ status, problem, ...accepted }) =>
        status === 202 ? { accepted, result: 'accepted' } : { problem: { code: problem?.code, detail: problem?.detail, pointer: problem?.pointer }, result: 'problem' },
      ),
    }),
  },
  { title: 'publish an empty batch', rest: post('publishEvents', '/events:batch', { events: [] }), grpc: grpc('EventService.PublishBatch', () => ({ events: [] })), code: 'invalid-request' },
];

const log: Operation[] = [
  { title: 'list attempts', rest: get('listAttempts', '/attempts?hook={hook}&status=2xx&limit=10'), grpc: grpc('LogService.ListAttempts', ({ kept: ids }) => ({ hook: ids['hook'], status: '2xx', limit: 10 })), until: ({ items }) => (items as unknown[]).length === 1, keep: [['attempt', 'items.0.id'], ['delivery', 'items.0.deliveryId']] },
  { title: 'list events', rest: get('listEvents', '/events?type=order.paid&attribute=region%3Deu'), grpc: grpc('LogService.ListEvents', () => ({ type: 'order.paid', attribute: 'region=eu' })), until: ({ items }) => (items as unknown[]).length === 1 },
  { title: 'list events by a filter that is none', rest: get('listEvents', '/events?from=yesterday'), grpc: grpc('LogService.ListEvents', () => ({ from: 'yesterday' })), code: 'invalid-request' },
  { title: 'list events from a cursor that nobody gave', rest: get('listEvents', '/events?cursor=abc'), grpc: grpc('LogService.ListEvents', () => ({ cursor: 'abc' })), code: 'invalid-cursor' },
  { title: 'read an event', rest: get('getEvent', '/events/{event}'), grpc: grpc('LogService.GetEvent', kept('event')), ofRest: ({ data, dataBase64: _none, ...event }) => ({ ...event, data: JSON.stringify(data) }) },
  { title: 'read an event that is not there', rest: get('getEvent', '/events/evt_none'), grpc: grpc('LogService.GetEvent', () => ({ id: 'evt_none' })), code: 'not-found' },
  { title: 'list deliveries', rest: get('listDeliveries', '/deliveries?fate=delivered'), grpc: grpc('LogService.ListDeliveries', () => ({ fate: 'delivered' })), until: ({ items }) => (items as unknown[]).length === 1 },
  { title: 'list deliveries by a fate that is none', rest: get('listDeliveries', '/deliveries?fate=lost'), grpc: grpc('LogService.ListDeliveries', () => ({ fate: 'lost' })), code: 'invalid-request' },
  { title: 'read a delivery', rest: get('getDelivery', '/deliveries/{delivery}'), grpc: grpc('LogService.GetDelivery', kept('delivery')) },
  { title: 'read a delivery that is not there', rest: get('getDelivery', '/deliveries/dlv_0_0_hook_none'), grpc: grpc('LogService.GetDelivery', () => ({ id: 'dlv_0_0_hook_none' })), code: 'not-found' },
  {
    title: 'read an attempt',
    rest: get('getAttempt', '/attempts/{attempt}'),
    grpc: grpc('LogService.GetAttempt', kept('attempt')),
    ofRest: ({ request, response, ...attempt }) => {
      const sent = request as { url: string; headers: { name: string; value: string }[]; body: { content: string } };
      const answer = response as { headers: unknown; body: { content: string; cut: boolean } };
      return { ...attempt, requestUrl: sent.url, requestHeaders: sent.headers, requestBody: sent.body.content, responseHeaders: answer.headers, responseBody: answer.body.content, responseBodyCut: answer.body.cut };
    },
  },
  { title: 'read an attempt that is not there', rest: get('getAttempt', '/attempts/att_none'), grpc: grpc('LogService.GetAttempt', () => ({ id: 'att_none' })), code: 'not-found' },
  { title: 'ask why an event was missed', rest: get('explainMissed', '/hooks/{hook}/missed?event=mine'), grpc: grpc('LogService.ExplainMissed', ({ kept: ids }) => ({ hook: ids['hook'], event: 'mine' })), until: ({ verdict }) => verdict === 'not-matched' },
  { title: 'ask why an event that is not there was missed', rest: get('explainMissed', '/hooks/{hook}/missed?event=none'), grpc: grpc('LogService.ExplainMissed', ({ kept: ids }) => ({ hook: ids['hook'], event: 'none' })), code: 'not-found' },
];

const LONG_AGO = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
/** Of all that arrived; one a long time, so that what is done to it meets it unfinished. */
const AGAIN = { from: '2026-01-01T00:00:00Z', fates: ['delivered'], types: ['order.*'], ratePerSecond: 0.01, reason: 'again' };
const asMessage = ({ selection: { onlyLatest, ...selection }, ...replay }: { selection: Record<string, unknown> }): object => ({ ...replay, selection: { ...selection, alsoSuperseded: !onlyLatest } });
const replayOfRest = (body: Record<string, unknown>): unknown => asMessage(body as never);
const changeReplay = (operation: string, kind: string, method: string, state: string): Operation => ({
  title: `${kind} a replay`, rest: post(operation, `/replays/{replay}/${kind}`, { reason: 'why' }), grpc: grpc(`ReplayService.${method}`, ({ kept: ids }) => ({ id: ids['replay'], reason: 'why' })), until: (body) => body['state'] === state, ofRest: replayOfRest,
});

const replays: Operation[] = [
  { title: 'list what did not arrive', rest: get('listUndelivered', '/undelivered?fate=matched-nothing&type=quiet'), grpc: grpc('LogService.ListUndelivered', () => ({ fate: 'matched-nothing', type: 'quiet' })), until: ({ items }) => (items as unknown[]).length > 0 },
  { title: 'list what did not arrive by a fate that did', rest: get('listUndelivered', '/undelivered?fate=delivered'), grpc: grpc('LogService.ListUndelivered', () => ({ fate: 'delivered' })), code: 'invalid-request' },
  { title: 'count what a replay would make', rest: post('createReplay', '/replays', { ...LONG_AGO, dryRun: true }), grpc: grpc('ReplayService.PreviewReplay', () => ({ selection: LONG_AGO })) },
  { title: 'make a replay', rest: post('createReplay', '/replays', AGAIN), grpc: grpc('ReplayService.CreateReplay', () => ({ selection: { from: AGAIN.from, fates: AGAIN.fates, types: AGAIN.types }, ratePerSecond: AGAIN.ratePerSecond, reason: AGAIN.reason })), keep: [['replay', 'id']], ofRest: replayOfRest },
  { title: 'make a replay of no time', rest: post('createReplay', '/replays', {}), grpc: grpc('ReplayService.CreateReplay'), code: 'invalid-request' },
  { title: 'read a replay', rest: get('getReplay', '/replays/{replay}'), grpc: grpc('ReplayService.GetReplay', kept('replay')), until: ({ state, produced, fates }) => state === 'done' && produced === 1 && (fates as { delivered: number }).delivered === 1, ofRest: replayOfRest },
  { title: 'read a replay that is not there', rest: get('getReplay', '/replays/rpl_none'), grpc: grpc('ReplayService.GetReplay', () => ({ id: 'rpl_none' })), code: 'not-found' },
  { title: 'list replays', rest: get('listReplays', '/replays?kind=replay'), grpc: grpc('ReplayService.ListReplays', () => ({ kind: 'replay' })), ofRest: ({ items, next }) => ({ items: (items as never[]).map(asMessage), next }) },
  { title: 'list replays of a state that is none', rest: get('listReplays', '/replays?state=lost'), grpc: grpc('ReplayService.ListReplays', () => ({ state: 'lost' })), code: 'invalid-request' },
  { title: 'pause a replay that is done', rest: post('pauseReplay', '/replays/{replay}/pause', {}), grpc: grpc('ReplayService.PauseReplay', kept('replay')), code: 'invalid-state' },
  { title: 'publish another event of the kind', rest: post('publishEvent', '/events', { ...EVENT, orderingKey: 'k2' }), grpc: grpc('EventService.Publish', () => ({ event: message({ ...EVENT, orderingKey: 'k2' }) })) },
  { title: 'list deliveries until it has arrived', rest: get('listDeliveries', '/deliveries?fate=delivered&trigger=event&type=order.paid'), grpc: grpc('LogService.ListDeliveries', () => ({ fate: 'delivered', trigger: 'event', type: 'order.paid' })), until: ({ items }) => (items as unknown[]).length === 2 },
  { title: 'make a replay that takes its time', rest: post('createReplay', '/replays', { ...AGAIN, onlyLatest: false }), grpc: grpc('ReplayService.CreateReplay', () => ({ selection: { from: AGAIN.from, fates: AGAIN.fates, types: AGAIN.types, alsoSuperseded: true }, ratePerSecond: AGAIN.ratePerSecond, reason: AGAIN.reason })), keep: [['replay', 'id']], ofRest: replayOfRest },
  { title: 'read a replay until it makes deliveries', rest: get('getReplay', '/replays/{replay}'), grpc: grpc('ReplayService.GetReplay', kept('replay')), until: ({ state, produced, fates }) => state === 'running' && produced === 1 && (fates as { delivered: number }).delivered === 1, ofRest: replayOfRest },
  changeReplay('pauseReplay', 'pause', 'PauseReplay', 'paused'),
  changeReplay('resumeReplay', 'resume', 'ResumeReplay', 'running'),
  changeReplay('cancelReplay', 'cancel', 'CancelReplay', 'cancelled'),
  {
    title: 'resend a delivery',
    rest: post('resendDelivery', '/deliveries/{delivery}/resend', undefined),
    grpc: grpc('LaneService.ResendDelivery', kept('delivery')),
    ofRest: ({ id, class: outcomeClass, errorCode, errorSentence, status, response }) => ({ attemptId: id, outcomeClass, errorCode, errorSentence, status, responseBody: (response as { body: { content: string } }).body.content }),
  },
  { title: 'resend a delivery that is not there', rest: post('resendDelivery', '/deliveries/dlv_0_0_hook_none/resend', undefined), grpc: grpc('LaneService.ResendDelivery', () => ({ id: 'dlv_0_0_hook_none' })), code: 'not-found' },
];

const platform = (operation: string, method: string, text: string, body?: unknown) => (): RestRequest => ({ operation, method, path: text, ...(body === undefined ? {} : { body }) });
const answer = (operation: string, kind: string): Operation => ({
  title: `${kind} an incident that is not there`, rest: platform(operation, 'POST', `/v1/incidents/inc_none/${kind}`, { reason: 'none' }), grpc: () => ({ method: 'LogService.AnswerIncident', request: { id: 'inc_none', answer: kind, reason: 'none' } }), code: 'not-found',
});

const lanes: Operation[] = [
  {
    title: 'read a lane',
    rest: get('readLane', '/hooks/{hook}/lane'),
    grpc: grpc('LaneService.GetLane', ({ kept: ids }) => ({ hook: ids['hook'] })),
    until: ({ state }) => state === 'live',
    ofRest: ({ state, waitsFor, sentence, failures, lastError, backlog }) => ({ state, waitsFor, sentence, failures, lastError, backlogCount: (backlog as { count: number }).count }),
  },
  { title: 'read the lane of a hook that is not there', rest: get('readLane', '/hooks/hook_none/lane'), grpc: grpc('LaneService.GetLane', () => ({ hook: 'hook_none' })), code: 'not-found' },
  {
    title: 'test a hook',
    rest: post('testHook', '/hooks/{hook}/test', { data: { try: 1 } }),
    grpc: grpc('LaneService.TestHook', ({ kept: ids }) => ({ hook: ids['hook'], data: Buffer.from('{"try":1}') })),
    ofRest: ({ id, class: outcomeClass, errorCode, errorSentence, status, response }) => ({ attemptId: id, outcomeClass, errorCode, errorSentence, status, responseBody: (response as { body: { content: string } }).body.content }),
  },
  { title: 'test a hook with a type that is none', rest: post('testHook', '/hooks/{hook}/test', { type: 'a b' }), grpc: grpc('LaneService.TestHook', ({ kept: ids }) => ({ hook: ids['hook'], type: 'a b' })), code: 'invalid-request' },
  { title: 'list incidents', rest: platform('listIncidents', 'GET', '/v1/incidents'), grpc: () => ({ method: 'LogService.ListIncidents', request: {} }) },
  { title: 'list incidents of a state that is none', rest: platform('listIncidents', 'GET', '/v1/incidents?state=lost'), grpc: () => ({ method: 'LogService.ListIncidents', request: { state: 'lost' } }), code: 'invalid-request' },
  { title: 'read an incident that is not there', rest: platform('getIncident', 'GET', '/v1/incidents/inc_none'), grpc: () => ({ method: 'LogService.GetIncident', request: { id: 'inc_none' } }), code: 'not-found' },
  answer('reinjectIncident', 'reinject'),
  answer('skipIncident', 'skip'),
  answer('acknowledgeIncident', 'acknowledge'),
];

/** What is published, delivered and logged. */
export const streamOperations: readonly Operation[] = [...publishing, ...log, ...lanes, ...replays];
