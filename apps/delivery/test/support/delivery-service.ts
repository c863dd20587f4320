import { DeliveriesRequested, DeliveryOutcome, EventAccepted, HookChanged, HookSecrets, Topics, type LaneCommand } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import { catalogOf, grpcService, startUnderTest, type Answered, type CallOptions, type GrpcAnswered } from '@hooklane/service-host/testing';
import { eventually } from '@hooklane/testkit';
import { deliveryModule } from '../../src/delivery.module.js';

const KEY = 'hl_key-of-tenant-acme';
export const OTHER_KEY = 'hl_key-of-tenant-other';
export const PUBLISHER_KEY = 'hl_key-without-the-scope';
export const REPLAY_KEY = 'hl_key-that-may-replay';
export const SECRET = 'very-secret-token';

export interface DeliveryUnderTest {
  call(method: 'GET' | 'POST', path: string, options?: CallOptions): Promise<Answered>;
  grpc(method: 'getLane' | 'testHook' | 'resendDelivery', request: object, key?: string): Promise<GrpcAnswered>;
  receivers(method: 'testReceiver' | 'probeReceiver' | 'resendAttempt', request: object, key?: string): Promise<GrpcAnswered>;
  /** @returns the hook as the table has it */
  hook(hookId: string, url: string, part?: Partial<HookChanged>): Promise<HookChanged>;
  /** The same, kept from the table. */
  unsaved(hookId: string, url: string, part?: Partial<HookChanged>): HookChanged;
  outcomes(hookId: string): Promise<DeliveryOutcome[]>;
  /** Requests a delivery, as fan-out does. @returns its id */
  request(hookId: string, event: Partial<EventAccepted>): Promise<string>;
  /** Waits for so many attempts of the lane's own, or fates. */
  attempted(hookId: string, count: number): Promise<readonly DeliveryOutcome[]>;
  settled(hookId: string, count: number): Promise<readonly DeliveryOutcome[]>;
  commands(hookId: string): Promise<readonly LaneCommand[]>;
  stop(): Promise<void>;
}

/** delivery alone, on the embedded log; the tables are written by the spec in the registry's place. */
export async function startDelivery(): Promise<DeliveryUnderTest> {
  const { service, context, call, stop } = await startUnderTest(deliveryModule, { key: KEY });
  const { log, secretBox, directory: table } = context;
  const catalog = catalogOf(log);
  for (const tenantId of ['acme', 'other']) await catalog.tenant(tenantId);
  await catalog.apiKey(KEY, { scopes: ['hooks:read', 'hooks:write'] });
  await catalog.apiKey(REPLAY_KEY, { scopes: ['replay'] });
  await catalog.apiKey(OTHER_KEY, { tenantId: 'other', scopes: ['admin'] });
  await catalog.apiKey(PUBLISHER_KEY, { scopes: ['publish'] });
  await service.ready;
  const lanes = grpcService(service.grpcPort ?? 0, 'LaneService');
  const receivers = grpcService(service.grpcPort ?? 0, 'ReceiverService');
  let version = 0;
  const unsaved: DeliveryUnderTest['unsaved'] = (hookId, url, part = {}) => {
    const secrets = HookSecrets.encode({ url, signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [{ name: 'X-Token', value: SECRET }], tlsClientKeyPem: '' }).finish();
    const tenantId = part.tenantId ?? 'acme';
    return { ...HookChanged.decode(new Uint8Array()), hookId, tenantId, enabled: true, enabledEpoch: 1, policyVersion: 1, timeoutMs: 1_000, tlsVerify: true, sealedSecrets: secretBox.seal(secrets, `hook/${tenantId}/${hookId}`), ...part, version: ++version };
  };
  let position = 0;
  const outcomes = async (hookId: string): Promise<DeliveryOutcome[]> => {
    const partition = partitionOf(hookId, log.partitionsOf(Topics.deliveryOutcomes));
    const { first, next } = (await log.bounds(Topics.deliveryOutcomes))[partition]!;
    const all: DeliveryOutcome[] = [];
    if (first < next) for await (const records of log.read({ topic: Topics.deliveryOutcomes, partition, from: first, to: next })) all.push(...records.map(({ value }) => DeliveryOutcome.decode(value)));
    return all.filter((outcome) => outcome.hookId === hookId);
  };
  const until = (hookId: string, count: number, fits: (outcome: DeliveryOutcome) => boolean): Promise<readonly DeliveryOutcome[]> =>
    eventually(async () => {
      const found = (await outcomes(hookId)).filter(fits);
      return found.length >= count ? found : null;
    }, `${count} outcomes of ${hookId}`);

  return {
    call,
    stop,
    grpc: (method, request, key = KEY) => lanes.call(method, request, key),
    receivers: (method, request, key = KEY) => receivers.call(method, request, key),
    unsaved,
    async hook(hookId, url, part = {}) {
      const hook = unsaved(hookId, url, part);
      await log.append([{ topic: Topics.hooksChanged, partition: 0, key: hookId, value: HookChanged.encode(hook).finish() }]);
      await table.hookAtLeast(hookId, hook.version);
      return hook;
    },
    outcomes,
    attempted: (hookId, count) => until(hookId, count, ({ fate, attempt }) => fate !== '' && attempt !== undefined),
    settled: (hookId, count) => until(hookId, count, ({ fate }) => fate !== '' && fate !== 'pending'),
    async request(hookId, part) {
      const partition = partitionOf(hookId, log.partitionsOf(Topics.deliveriesRequested));
      const event: EventAccepted = { ...EventAccepted.decode(new Uint8Array()), tenantId: 'acme', eventId: 'evt_1', type: 'order.paid', acceptedAtMs: Date.now(), occurredAtMs: Date.now(), contentType: 'application/json', data: Buffer.from('{}'), ...part };
      const value = DeliveriesRequested.encode({ kind: { $case: 'request', value: { tenantId: event.tenantId, eventId: event.eventId, sourceStream: 'spec/0', sourcePosition: ++position, hooks: [{ hookId, version: 0 }], trigger: 'event', replayId: '' } } }).finish();
      const [offset] = await log.append([{ topic: Topics.deliveriesRequested, partition, key: null, value, attachment: { topic: Topics.eventsAccepted, partition: 0, offset: -1, value: Buffer.from(EventAccepted.encode(event).finish()) } }]);
      return `dlv_${partition}_${offset}_${hookId}`;
    },
    async commands(hookId) {
      const partition = partitionOf(hookId, log.partitionsOf(Topics.deliveriesRequested));
      const found: LaneCommand[] = [];
      for await (const records of log.read({ topic: Topics.deliveriesRequested, partition, from: 0, to: Number.MAX_SAFE_INTEGER })) {
        for (const { value } of records) {
          const { kind } = DeliveriesRequested.decode(value);
          if (kind?.$case === 'command' && kind.value.hookId === hookId) found.push(kind.value);
        }
      }
      return found;
    },
  };
}
