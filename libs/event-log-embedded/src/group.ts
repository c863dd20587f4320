import type { Member } from './member.js';
import type { PartitionLog } from './partition-log.js';
import type { Topics } from './topics.js';

/** The members of one consumer group in this process, and who has which partition. */
export class Group {
  private readonly members: Member[] = [];
  private readonly owners = new Map<PartitionLog, Member>();
  private changes: Promise<void> = Promise.resolve();

  constructor(private readonly topics: Topics) {}

  get lag(): number {
    return this.members.reduce((sum, member) => sum + member.lag, 0);
  }

  join(member: Member): void {
    this.members.push(member);
    void this.rebalance();
  }

  /** Resolves when the others have been given what it had. */
  leave(member: Member): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1);
    for (const [partition, owner] of this.owners) if (owner === member) this.owners.delete(partition);
    return this.rebalance();
  }

  private rebalance(): Promise<void> {
    this.changes = this.changes.then(() => this.share());
    return this.changes;
  }

  private async share(): Promise<void> {
    const target = shareOut(this.topics, this.members, this.owners);
    const revoked = new Map<Member, PartitionLog[]>();
    const assigned = new Map<Member, PartitionLog[]>(this.members.filter((member) => ![...this.owners.values()].includes(member)).map((member) => [member, []]));
    for (const [partition, member] of target) {
      const owner = this.owners.get(partition);
      if (owner === member) continue;
      if (owner) push(revoked, owner, partition);
      push(assigned, member, partition);
      this.owners.set(partition, member);
    }
    await Promise.all([...revoked].map(([member, partitions]) => (member.isClosing ? undefined : member.revoke(partitions))));
    // Not awaited: a consumer that cannot take its partitions yet must not hold up the others.
    for (const [member, partitions] of assigned) if (!member.isClosing) void member.assign(partitions);
  }
}

/** Evenly, topic by topic; whoever has a partition keeps it unless it has more than its share. */
function shareOut(topics: Topics, members: readonly Member[], owners: ReadonlyMap<PartitionLog, Member>): Map<PartitionLog, Member> {
  const target = new Map<PartitionLog, Member>();
  const totals = new Map<Member, number>(members.map((member) => [member, 0]));
  for (const topic of new Set(members.flatMap((member) => member.options.topics))) {
    const readers = members.filter((member) => member.options.topics.includes(topic));
    const partitions = topics.of(topic);
    const fair = Math.floor(partitions.length / readers.length);
    // So many members have one more than the others.
    let extras = partitions.length % readers.length;
    const counts = new Map<Member, number>(readers.map((member) => [member, 0]));
    const give = (partition: PartitionLog, member: Member): void => {
      target.set(partition, member);
      counts.set(member, (counts.get(member) ?? 0) + 1);
      totals.set(member, (totals.get(member) ?? 0) + 1);
    };
    for (const partition of partitions) {
      const owner = owners.get(partition);
      const count = (owner && counts.get(owner)) ?? Infinity;
      if (!owner || count > fair || (count === fair && extras === 0)) continue;
      if (count === fair) extras -= 1;
      give(partition, owner);
    }
    for (const partition of partitions) {
      if (target.has(partition)) continue;
      const [least] = [...readers].sort((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0) || (totals.get(a) ?? 0) - (totals.get(b) ?? 0));
      if (least) give(partition, least);
    }
  }
  return target;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
