import type { TopicPartition } from '@hooklane/event-log';

/** So many records are on their way at any time; fewer are no reason to call the read models unfinished. */
const USUAL_LAG = 1_000;

/** How far the partitions of this process are from where the log ended when it took them over: read models that are being built answer with too little. */
export class CatchUp {
  private readonly ways = new Map<string, { position: number; readonly end: number }>();
  private isBehind = false;

  assigned(partition: TopicPartition, position: number, end: number): void {
    this.ways.set(keyOf(partition), { position, end });
    if (this.left() > USUAL_LAG) this.isBehind = true;
  }

  revoked(partition: TopicPartition): void {
    this.ways.delete(keyOf(partition));
  }

  moved(partition: TopicPartition, position: number): void {
    const way = this.ways.get(keyOf(partition));
    if (way === undefined) return;
    if (position >= way.end) this.ways.delete(keyOf(partition));
    else way.position = position;
  }

  /** @returns records to go, or 0 once it is up to date; what comes after the takeover never counts. */
  recordsToGo(): number {
    if (this.isBehind && this.left() <= USUAL_LAG) this.isBehind = false;
    return this.isBehind ? this.left() : 0;
  }

  private left(): number {
    let left = 0;
    for (const { position, end } of this.ways.values()) left += Math.max(0, end - position);
    return left;
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
