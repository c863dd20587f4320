import type { EventLog } from '@hooklane/event-log';
import type { EventStore, RecordedEvent } from '@hooklane/event-sourcing';
import { laneCommandRecords } from './lane-command-records.js';
import { tableRecords } from './table-records.js';

/**
 * What the relay does with events: the whole state of every aggregate they touch goes to its table, and then what they tell lanes goes to the lanes' partitions,
 * so that whoever reads `begin-catch-up` finds the hook enabled. Resolves when the log has both; what a death between them left out is done when the events are
 * handed over again.
 */
export function relayPublisher(log: EventLog, store: EventStore): (events: readonly RecordedEvent[]) => Promise<void> {
  return async (events) => {
    const changed = new Set(events.filter(({ event }) => event.type !== 'LaneCommandGiven').map(({ streamId }) => streamId));
    const records = await tableRecords(store, [...changed]);
    if (records.length > 0) await log.append(records);
    const commands = laneCommandRecords(log, events);
    if (commands.length > 0) await log.append(commands);
  };
}
