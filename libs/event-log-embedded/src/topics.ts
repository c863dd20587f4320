import type { PartitionLog } from './partition-log.js';

/** A topic of this log, as the process that opens it wants it. */
export interface EmbeddedTopic {
  readonly name: string;
  /** How many a new topic is made with; it keeps them for life. */
  readonly partitions: number;
  /** Keeps (at least) the newest record of each key, for ever. */
  readonly compacted: boolean;
  /** How long records are kept at least, in milliseconds; null keeps them for ever. Ignored for compacted topics. */
  readonly retentionMs: number | null;
}

export class Topics {
  readonly all: readonly PartitionLog[];
  private readonly byId: readonly (PartitionLog | undefined)[];

  constructor(private readonly byName: ReadonlyMap<string, readonly PartitionLog[]>) {
    this.all = [...byName.values()].flat();
    const byId: (PartitionLog | undefined)[] = [];
    for (const partition of this.all) byId[partition.id] = partition;
    this.byId = byId;
  }

  of(topic: string): readonly PartitionLog[] {
    const partitions = this.byName.get(topic);
    if (!partitions) throw new Error(`the log was opened without the topic ${topic}`);
    return partitions;
  }

  get(topic: string, partition: number): PartitionLog {
    const found = this.of(topic)[partition];
    if (!found) throw new Error(`${topic} has no partition ${partition}`);
    return found;
  }

  find(topic: string, partition: number): PartitionLog | undefined {
    return this.byName.get(topic)?.[partition];
  }

  withId(id: number): PartitionLog | undefined {
    return this.byId[id];
  }
}
