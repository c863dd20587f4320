import type { TopicPartition } from '@hooklane/event-log';
import { AssignerProtocol, type Assigner, type PartitionAssigner } from 'kafkajs';
import { assignSticky, type Claim } from './sticky-assignment.js';

const NAME = 'hooklane-sticky';
const VERSION = 1;

/**
 * The group protocol around `assignSticky`: each member says what it owns when it joins, and the leader divides.
 * @param owned what this member owns now
 * @param joining called whenever it asks to join: two calls for one join mean that a generation may have passed without us
 */
export function stickyAssigner(owned: () => readonly TopicPartition[], joining: () => void): PartitionAssigner {
  return ({ cluster }): Assigner => ({
    name: NAME,
    version: VERSION,
    protocol({ topics }) {
      joining();
      return { name: NAME, metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.from(JSON.stringify(owned())) }) };
    },
    assign({ members, topics }) {
      const partitions = topics.flatMap((topic) => cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ topic, partition: partitionId })));
      const claims = members.map(({ memberId, memberMetadata }): Claim => ({ memberId, owned: claimed(memberMetadata) }));
      const shares = assignSticky(partitions, claims);
      return Promise.resolve(
        [...shares].map(([memberId, share]) => {
          const assignment: Record<string, number[]> = {};
          for (const { topic, partition } of share) (assignment[topic] ??= []).push(partition);
          return { memberId, memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }) };
        }),
      );
    },
  });
}

/** What a member claims; one that says it unreadably claims nothing, which costs a move and no more. */
function claimed(metadata: Buffer): readonly TopicPartition[] {
  const userData = AssignerProtocol.MemberMetadata.decode(metadata)?.userData;
  if (userData === undefined || userData.length === 0) return [];
  try {
    const claims: unknown = JSON.parse(userData.toString());
    return Array.isArray(claims) ? claims.filter(isTopicPartition) : [];
  } catch {
    return [];
  }
}

function isTopicPartition(value: unknown): value is TopicPartition {
  const { topic, partition } = (value ?? {}) as Partial<TopicPartition>;
  return typeof topic === 'string' && typeof partition === 'number';
}
