import type { TopicPartition } from '@hooklane/event-log';

/** A member of a group and what it says that it owns. */
export interface Claim {
  readonly memberId: string;
  readonly owned: readonly TopicPartition[];
}

/**
 * Divides partitions evenly (no member has two more than another) and moves as few as that allows: a partition that stays
 * keeps its lanes, its lease and what is in memory of it. What two members claim goes to the first by id.
 */
export function assignSticky(partitions: readonly TopicPartition[], claims: readonly Claim[]): ReadonlyMap<string, readonly TopicPartition[]> {
  const members = [...claims].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const unowned = new Map(partitions.map((partition) => [idOf(partition), partition]));
  const assigned = new Map<string, TopicPartition[]>();
  for (const { memberId, owned } of members) {
    const kept: TopicPartition[] = [];
    for (const claim of owned) {
      const partition = unowned.get(idOf(claim));
      if (partition === undefined) continue;
      unowned.delete(idOf(claim));
      kept.push(partition);
    }
    assigned.set(memberId, kept);
  }
  if (members.length === 0) return assigned;
  const least = Math.floor(partitions.length / members.length);
  let largerShares = partitions.length % members.length;
  // Those that have most keep the larger shares: every other choice would move one partition more.
  for (const kept of [...assigned.values()].sort((a, b) => b.length - a.length)) {
    const share = largerShares > 0 && kept.length > least ? least + 1 : least;
    if (share > least) largerShares -= 1;
    for (const moved of kept.splice(share)) unowned.set(idOf(moved), moved);
  }
  const waiting = [...unowned.values()].sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
  for (const { memberId } of members) {
    const share = assigned.get(memberId) ?? [];
    while (share.length < least) {
      const next = waiting.shift();
      if (next === undefined) break;
      share.push(next);
    }
  }
  for (const { memberId } of members) {
    const share = assigned.get(memberId) ?? [];
    const next = share.length === least ? waiting.shift() : undefined;
    if (next !== undefined) share.push(next);
  }
  return assigned;
}

function idOf({ topic, partition }: TopicPartition): string {
  return `${partition}/${topic}`;
}
