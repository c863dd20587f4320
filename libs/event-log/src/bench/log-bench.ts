import { parseArgs } from 'node:util';
import type { CommittedPosition, EventLog, RecordBatch, StartPosition, Subscription } from '../event-log.js';
import { cpuSecondsOf } from './cpu-of-server.js';

export interface LogBenchOptions {
  /** With the topics `events`, `requests` and `outcomes`. */
  readonly log: Pick<EventLog, 'append' | 'subscribe' | 'partitionsOf'>;
  /** What the log is kept by, as the table names it, and its process, whose CPU is counted with its children's. */
  readonly server: { readonly name: string; readonly pid: number | null };
  readonly value: Buffer;
  /** Takes a line of a table, or of what went wrong. */
  print(line: string): void;
}

/** What the command line says: `--seconds 3` for each line of a table, `--bytes 1024` for each record, `--only append` for one of the tables. */
export function benchSettings(): { readonly seconds: number; readonly value: Buffer; wants(table: string): boolean } {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '3' }, bytes: { type: 'string', default: '1024' }, only: { type: 'string', default: '' } } });
  return { seconds: Number(values.seconds), value: Buffer.alloc(Number(values.bytes), 'x'), wants: (table) => values.only === '' || values.only === table };
}

interface Measured {
  readonly done: number;
  readonly elapsedS: number;
  readonly nodeS: number;
  readonly serverS: number;
  readonly timesMs: readonly number[];
}

const HEADERS = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
/** As the ConsumerRunner: at most one commit in this time. */
const COMMIT_EVERY_MS = 100;

/** Measures a log through its port, so that the figures of two adapters are of the same work. */
export class LogBench {
  private readonly partitions: number;

  constructor(private readonly options: LogBenchOptions) {
    this.partitions = options.log.partitionsOf('events');
  }

  heading(text: string, first: string, unit: string): void {
    this.options.print(`\n${text}\n${row(first, `${unit}/s`, 'µs node', `µs ${this.options.server.name}`, 'p50 ms', 'p99 ms')}`);
  }

  print(first: string | number, { done, elapsedS, nodeS, serverS, timesMs }: Measured): void {
    const sorted = [...timesMs].sort((a, b) => a - b);
    const at = (quantile: number): string => (sorted[Math.floor(sorted.length * quantile)] ?? NaN).toFixed(2);
    const each = (seconds: number): string => ((seconds * 1e6) / done).toFixed(1);
    this.options.print(row(String(first), (done / elapsedS).toFixed(0), each(nodeS), each(serverS), at(0.5), at(0.99)));
  }

  /** @param run pushes how long each took, in milliseconds, and returns how many were done */
  async measured(run: (timesMs: number[]) => Promise<number>): Promise<Measured> {
    const timesMs: number[] = [];
    const { pid } = this.options.server;
    const [wall, cpu, server] = [performance.now(), process.cpuUsage(), cpuSecondsOf(pid)];
    const done = await run(timesMs);
    const used = process.cpuUsage(cpu);
    return { done, timesMs, elapsedS: (performance.now() - wall) / 1_000, nodeS: (used.user + used.system) / 1e6, serverS: cpuSecondsOf(pid) - server };
  }

  /** Appends of one record each, `count` waiting at a time. */
  appends(count: number, seconds: number): Promise<Measured> {
    return this.measured(async (timesMs) => {
      const until = performance.now() + seconds * 1_000;
      const one = async (index: number): Promise<void> => {
        for (let round = index; performance.now() < until; round += 1) {
          const start = performance.now();
          await this.options.log.append([{ topic: 'events', partition: round % this.partitions, key: 'tenant', headers: HEADERS, value: this.options.value }]);
          timesMs.push(performance.now() - start);
        }
      };
      await Promise.all(Array.from({ length: count }, (_, index) => one(index)));
      return timesMs.length;
    });
  }

  follow(topic: string, start: StartPosition & string, handle: (batch: RecordBatch) => Promise<void>): Subscription {
    return this.options.log.subscribe({
      group: `bench.${topic}.${start}`, topics: [topic], mode: 'share', assigned: async (partitions) => partitions.map(() => start), revoked: async () => undefined, handle,
      failed: (failure) => this.options.print(`reading failed: ${JSON.stringify(failure)}`),
    });
  }

  /** An event, a request that refers to it and its outcome, each appended by who reads the one before: `underWay` at a time, and `rate` a second besides. */
  async path(underWay: number, rate: number, seconds: number): Promise<Measured> {
    const { log, value } = this.options;
    const commits = new Commits();
    let arrived = (_count: number, _partition: number): void => undefined;
    const events = this.follow('events', 'end', async (batch) => {
      await log.append(batch.records.map((record) => ({ topic: 'requests', partition: record.partition, key: null, value: record.value.subarray(0, 200), attachment: record })));
      commits.add(events, batch);
    });
    const requests = this.follow('requests', 'end', async (batch) => {
      await Promise.all(batch.records.map((record) => log.append([{ topic: 'outcomes', partition: record.partition, key: null, value: (record.attachment ?? value).subarray(0, 400) }])));
      commits.add(requests, batch);
    });
    const outcomes = this.follow('outcomes', 'end', async (batch) => {
      arrived(batch.records.length, batch.partition);
      commits.add(outcomes, batch);
    });
    const all = [events, requests, outcomes];
    await Promise.all(all.map((subscription) => subscription.started));
    const result = await this.measured(async (timesMs) => {
      const begun = performance.now();
      const until = begun + seconds * 1_000;
      let sent = 0;
      const starts = Array.from({ length: this.partitions }, (): number[] => []);
      const publish = (): void => {
        const partition = sent % this.partitions;
        sent += 1;
        starts[partition]?.push(performance.now());
        void log.append([{ topic: 'events', partition, key: 'tenant', value }]);
      };
      await new Promise<void>((resolve) => {
        const pace = setInterval(() => {
          for (const due = Math.floor(((Math.min(performance.now(), until) - begun) / 1_000) * rate); sent < due; ) publish();
        }, 1);
        arrived = (count, partition) => {
          for (const start of starts[partition]?.splice(0, count) ?? []) timesMs.push(performance.now() - start);
          if (performance.now() < until) for (let left = rate > 0 ? 0 : count; left > 0; left -= 1) publish();
          else if (timesMs.length === sent) resolve(clearInterval(pace));
        };
        for (let index = 0; index < underWay; index += 1) publish();
      });
      return timesMs.length;
    });
    commits.stop();
    await Promise.all(all.map((subscription) => subscription.close()));
    return result;
  }
}

class Commits {
  private readonly newest = new Map<Subscription, Map<string, CommittedPosition>>();
  private readonly timer = setInterval(() => this.send(), COMMIT_EVERY_MS);

  add(subscription: Subscription, { topic, partition, records }: RecordBatch): void {
    const positions = this.newest.get(subscription) ?? new Map<string, CommittedPosition>();
    positions.set(`${topic}/${partition}`, { topic, partition, offset: (records.at(-1)?.offset ?? 0) + 1, metadata: '' });
    this.newest.set(subscription, positions);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private send(): void {
    for (const [subscription, positions] of this.newest) void subscription.commit([...positions.values()]);
    this.newest.clear();
  }
}

function row(first: string, ...columns: string[]): string {
  return [first.padStart(9), ...columns.map((column) => column.padStart(12))].join(' ');
}
