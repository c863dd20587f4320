import { describe, expect, it } from '@jest/globals';
import { DeliveriesRequested, HookChanged, Topics } from '@hooklane/contracts/topics';
import { nativeDialect } from '@hooklane/dialects';
import { partitionOf, type AppendRecord, type EventLog } from '@hooklane/event-log';
import type { EventStore, RecordedEvent } from '@hooklane/event-sourcing';
import { defaultDraft } from '../hook/hook-draft.js';
import type { HookEvent } from '../hook/hook-state.js';
import { relayPublisher } from './relay-publisher.js';

const { config } = defaultDraft(nativeDialect.defaults);
const events: HookEvent[] = [
  { type: 'HookCreated', data: { tenantId: 'acme', hookId: 'hook_1', dialect: 'native', origin: 'api', enabled: false, config, signing: [], sealedSecrets: '', atMs: 1 } },
  { type: 'LaneCommandGiven', data: { commandId: 'cmd_1', command: 'hold', deliveryId: '', attempt: 0, epoch: 0, atMs: 2 } },
  { type: 'HookEnabled', data: { atMs: 3, catchUpEpoch: 1 } },
  { type: 'LaneCommandGiven', data: { commandId: 'cmd_2', command: 'release-catch-up', deliveryId: '', attempt: 0, epoch: 1, atMs: 4 } },
  { type: 'HookDisabled', data: { reason: 'manual', failures: 0, atMs: 5 } },
  { type: 'HookEnabled', data: { atMs: 6 } },
];
const history: RecordedEvent<HookEvent>[] = events.map((event, index) => ({ id: index + 1, streamId: 'hook/acme/hook_1', version: index + 1, event, meta: { actor: 'key:key_1', atMs: event.data.atMs, reason: 'why', requestId: 'req_1' } }));
const store = { readStreams: async () => new Map([['hook/acme/hook_1', history]]) } as unknown as EventStore;

function logOf(refuses: (topic: string) => boolean = () => false): { appended: AppendRecord[]; log: EventLog } {
  const appended: AppendRecord[] = [];
  const append = async (records: readonly AppendRecord[]): Promise<void> => {
    if (records.some(({ topic }) => refuses(topic))) throw new Error('the log is away');
    appended.push(...records);
  };
  return { appended, log: { partitionsOf: () => 48, append } as unknown as EventLog };
}

const commandsOf = (records: readonly AppendRecord[]) => records.filter(({ topic }) => topic === Topics.deliveriesRequested).map(({ value }) => (DeliveriesRequested.decode(value).kind as { value: object }).value);

describe('what the relay hands on', () => {
  it('the state of the hook first, then what its lane is told, in order, in the partition of the hook', async () => {
    const { appended, log } = logOf();
    await relayPublisher(log, store)(history);
    expect(appended.map(({ topic }) => topic)).toEqual([Topics.hooksChanged, Topics.deliveriesRequested, Topics.deliveriesRequested, Topics.deliveriesRequested]);
    expect(HookChanged.decode(appended[0]!.value)).toMatchObject({ version: 4, enabledEpoch: 2, catchUpEpoch: 1 });
    expect(new Set(appended.slice(1).map(({ partition }) => partition))).toEqual(new Set([partitionOf('hook_1', 48)]));
    const told = { tenantId: 'acme', hookId: 'hook_1', actor: 'key:key_1', reason: 'why', deliveryId: '', attempt: 0 };
    expect(commandsOf(appended)).toEqual([
      { ...told, commandId: 'cmd_1', kind: 'hold', epoch: 0, atMs: 2, position: 2 },
      { ...told, commandId: 'begin-catch-up/hook_1/1', kind: 'begin-catch-up', epoch: 1, atMs: 3, position: 3 },
      { ...told, commandId: 'cmd_2', kind: 'release-catch-up', epoch: 1, atMs: 4, position: 4 },
    ]);
  });

  it('a death between the two leaves nothing out: the same events again bring the same commands', async () => {
    let isAway = true;
    const { appended, log } = logOf((topic) => isAway && topic === Topics.deliveriesRequested);
    const publish = relayPublisher(log, store);
    await expect(publish(history)).rejects.toThrow('away');
    expect(commandsOf(appended)).toEqual([]);
    isAway = false;
    await publish(history);
    const first = commandsOf(appended);
    await publish(history);
    expect(first).toHaveLength(3);
    expect(commandsOf(appended)).toEqual([...first, ...first]);
  });

  it('commands alone bring no table record', async () => {
    const { appended, log } = logOf();
    await relayPublisher(log, store)(history.slice(1, 2));
    expect(appended.map(({ topic }) => topic)).toEqual([Topics.deliveriesRequested]);
  });
});
